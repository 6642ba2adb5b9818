const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What the log leaves out of its dates and the reader has to supply. */
export interface ClockAssumptions {
  /** Of the first date that names no year (classic syslog, `dmesg -H`). */
  readonly year: number;
  /** Of dates that name no zone, in minutes east of UTC. */
  readonly utcOffsetMinutes: number;
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
  #year: number;
  #lastMonth = 0;
  readonly #utcOffsetMinutes: number;
  #yearAssumed = false;
  #zoneAssumed = false;

  constructor(assumptions: ClockAssumptions) {
    this.#year = assumptions.year;
    this.#utcOffsetMinutes = assumptions.utcOffsetMinutes;
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
    const year = time.year ?? this.#yearOf(time.month);
    const offsetMinutes = time.utcOffsetMinutes ?? this.#utcOffsetMinutes;
    const ms = Date.UTC(year, time.month - 1, time.day, time.hour, time.minute, time.second) - offsetMinutes * 60_000;
    return ms * 1000 + time.microsecond;
  }

  #yearOf(month: number): number {
    this.#yearAssumed = true;
    // December to January. A late line of December among those of January is the year before, for that line alone.
    if (this.#lastMonth - month > 6) this.#year++;
    else if (this.#lastMonth !== 0 && month - this.#lastMonth > 6) return this.#year - 1;
    this.#lastMonth = month;
    return this.#year;
  }
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
