const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What the log leaves out of its dates and the reader has to supply. */
export interface ClockAssumptions {
  /**
   * µs since 1970: when the log was written to last. Where dates name no year (classic syslog, `dmesg -H`) the first of
   * them is of the last year in which it is not later than this.
   */
  readonly notAfterUs: number;
  /** Of dates that name no zone: minutes east of UTC, at a time of day as it is written, in ms as if it were UTC. */
  readonly utcOffsetMinutes: (writtenMs: number) => number;
}

/** A date and time of day as a log writes it. */
export interface WrittenTime {
  readonly year: number | null;
  /** 1 … 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Null = the log does not say. */
  readonly utcOffsetMinutes: number | null;
}

/**
 * Turns written times into µs since 1970. Where no year is written it follows the log over New Year: a month far before
 * the last one belongs to the next year.
 */
export class LogClock {
  readonly #assumptions: ClockAssumptions;
  /** Of the last date that names none; null = there was none yet. */
  #year: number | null = null;
  #lastMonth = 0;
  #yearAssumed = false;
  #zoneAssumed = false;

  constructor(assumptions: ClockAssumptions) {
    this.#assumptions = assumptions;
  }

  /** A date was read whose year the log does not name. */
  get yearAssumed(): boolean {
    return this.#yearAssumed;
  }

  /** A date was read whose zone the log does not name. */
  get zoneAssumed(): boolean {
    return this.#zoneAssumed;
  }

  /** Null when it is no date: month 13, 25 o'clock. */
  epochUs(time: WrittenTime): number | null {
    if (time.month < 1 || time.month > 12 || time.day < 1 || time.day > 31) return null;
    // Outside of these years there are no logs, and µs no longer fit a number.
    if (time.year !== null && (time.year < 1970 || time.year > 2200)) return null;
    if (time.hour > 23 || time.minute > 59 || time.second > 60) return null;
    if (time.utcOffsetMinutes === null) this.#zoneAssumed = true;
    const writtenMs = msOf(time, time.year ?? this.#yearOf(time));
    const offsetMinutes = time.utcOffsetMinutes ?? this.#assumptions.utcOffsetMinutes(writtenMs);
    return (writtenMs - offsetMinutes * 60_000) * 1000 + time.microsecond;
  }

  #yearOf(time: WrittenTime): number {
    const { month } = time;
    this.#yearAssumed = true;
    this.#year ??= this.#firstYear(time);
    // December to January. A late line of December among those of January is the year before, for that line alone.
    if (this.#lastMonth - month > 6) this.#year++;
    else if (this.#lastMonth !== 0 && month - this.#lastMonth > 6) return this.#year - 1;
    this.#lastMonth = month;
    return this.#year;
  }

  /** A day of grace: zones, and clocks that differ. */
  #firstYear(time: WrittenTime): number {
    const latestMs = this.#assumptions.notAfterUs / 1000 + 86_400_000;
    const last = new Date(latestMs).getUTCFullYear();
    // The 29th of February is in one year of eight at least.
    const years = Array.from({ length: 8 }, (_, back) => last - back);
    return years.find((year) => msOf(time, year) <= latestMs && isDay(time, year)) ?? last;
  }
}

function isDay(time: WrittenTime, year: number): boolean {
  return new Date(msOf(time, year)).getUTCDate() === time.day;
}

function msOf({ month, day, hour, minute, second }: WrittenTime, year: number): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** A count of µs that a clock can show; null = too big to be held exactly, or below zero. */
export function plausibleUs(us: number): number | null {
  return Number.isSafeInteger(us) && us >= 0 ? us : null;
}

/** 1 … 12 for "Jan" … "Dec"; 0 = no month. */
export function monthNumber(name: string): number {
  return MONTHS.indexOf(name) + 1;
}

/** The digits after the decimal point of a second, as whole µs: "5" is half a second. */
export function fractionToUs(digits: string): number {
  return digits === '' ? 0 : Number(digits.slice(0, 6).padEnd(6, '0'));
}

/** "Z", "+02:00", "-0530", "+02" as minutes east of UTC; null = no offset. */
export function parseUtcOffset(text: string): number | null {
  if (text === 'Z' || text === 'UTC' || text === 'GMT') return 0;
  const parts = /^([+-])(\d\d):?(\d\d)?$/.exec(text);
  if (parts === null) return null;
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  return parts[1] === '-' ? -minutes : minutes;
}

/** A time of ISO 8601 that stands alone: "2024-01-02T03:04:05.678901234Z". Null = it is none. */
export function parseIsoTime(text: string): WrittenTime | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?(?:\d\d)?)?$/.exec(
    text,
  );
  if (parts === null) return null;
  return {
    year: Number(parts[1]),
    month: Number(parts[2]),
    day: Number(parts[3]),
    hour: Number(parts[4]),
    minute: Number(parts[5]),
    second: Number(parts[6]),
    microsecond: fractionToUs(parts[7] ?? ''),
    utcOffsetMinutes: parts[8] === undefined ? null : parseUtcOffset(parts[8]),
  };
}
