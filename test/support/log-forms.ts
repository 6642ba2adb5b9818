// What the forms of logs are made of: times, prefixes and the messages that they stand before.

/** One call of printk: mostly one line. */
export type LogRecord = readonly string[];

export interface Carrier {
  readonly name: string;
  /** Which clocks the form shows; a number is its resolution in µs. */
  readonly bootUs: number | null;
  readonly epochUs: number | null;
  readonly host: boolean;
  readonly write: (records: readonly LogRecord[]) => string;
}

/** 70 minutes after boot, at 2024-01-02 03:04:05.678901 UTC; each record 37 µs after the one before. */
export const FIRST_BOOT_US = 4_215_102_030;
export const FIRST_EPOCH_US = Date.UTC(2024, 0, 2, 3, 4, 5) * 1000 + 678_901;
export const STEP_US = 37;
export const HOST = 'web-1.example';

export const bootUsOf = (index: number) => FIRST_BOOT_US + index * STEP_US;
export const epochUsOf = (index: number) => FIRST_EPOCH_US + index * STEP_US;
export const isoOf = (index: number) => new Date(Math.floor(epochUsOf(index) / 1000)).toISOString();
export const microsOf = (us: number) => String(us % 1_000_000).padStart(6, '0');

export function bootStamp(index: number): string {
  const us = bootUsOf(index);
  return `[${String(Math.floor(us / 1_000_000)).padStart(5)}.${microsOf(us)}] `;
}

/** "Tue Jan  2 03:04:05 2024". */
export function ctime(index: number): string {
  const [weekday, day, month, year, time] = new Date(epochUsOf(index) / 1000).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

/** "Jan  2 03:04:05". */
export function syslogStamp(index: number): string {
  return ctime(index).slice(4, 19);
}

/** ISO with µs; `zone` as in "+00:00". */
export function isoMicros(index: number, separator: string, zone: string): string {
  return `${isoOf(index).slice(0, 19)}${separator}${microsOf(epochUsOf(index))}${zone}`;
}

/** A prefix on the first line of each record, blanks of the same width on the others: dmesg and journalctl. */
export function indented(records: readonly LogRecord[], prefix: (index: number) => string): string {
  return joined(records, (record, index) => {
    const first = prefix(index);
    return record.map((line, i) => (i === 0 ? first : ' '.repeat(first.length)) + line);
  });
}

/** A prefix on every line: the console, syslog(2), rsyslog. */
export function repeated(records: readonly LogRecord[], prefix: (index: number) => string): string {
  return joined(records, (record, index) => record.map((line) => prefix(index) + line));
}

export function joined(
  records: readonly LogRecord[],
  write: (record: LogRecord, index: number) => readonly string[],
): string {
  return `${records.flatMap(write).join('\n')}\n`;
}

export function form(
  name: string,
  bootUs: number | null,
  epochUs: number | null,
  write: Carrier['write'],
  host = false,
): Carrier {
  return { name, bootUs, epochUs, host, write };
}
