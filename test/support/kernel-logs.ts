import { readdirSync, readFileSync } from 'node:fs';
import { type LogSummary, readLog } from '../../src/kernel-log/log-reader.js';
import type { OomReport } from '../../src/kernel-log/report.js';
import { CARRIERS, parseRecords } from './log-carriers.js';
import type { Carrier, LogRecord } from './log-forms.js';

const FOLDER = new URL('../fixtures/kernel-logs/', import.meta.url);

/** Of dates without a year and a zone in the tests' logs. */
export const ASSUMPTIONS = { notAfterUs: Date.UTC(2024, 11, 31) * 1000, utcOffsetMinutes: () => 0 };

/** The names of the logs, without ".log". */
export const KERNEL_LOGS: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.log'))
  .map((file) => file.slice(0, -4));

export function kernelLog(name: string): readonly LogRecord[] {
  return parseRecords(readFileSync(new URL(`${name}.log`, FOLDER), 'utf8'));
}

function carrier(name: string): Carrier {
  const found = CARRIERS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no carrier ${name}`);
  return found;
}

/** Records in a given form of log; bare messages where none is named. */
export function read(
  records: readonly LogRecord[] | string,
  form = 'dmesg',
): { readonly reports: readonly OomReport[]; readonly summary: LogSummary } {
  return readLog(typeof records === 'string' ? records : carrier(form).write(records), ASSUMPTIONS);
}

/** Reads lines that stand for a log as they are, one string each. */
export function readLines(...lines: readonly string[]): {
  readonly reports: readonly OomReport[];
  readonly summary: LogSummary;
} {
  return readLog(lines.join('\n'), ASSUMPTIONS);
}

/** The one report of a log that holds one. */
export function onlyReport(reports: readonly OomReport[]): OomReport {
  const [report] = reports;
  if (report === undefined || reports.length > 1) throw new Error(`${reports.length} reports, not one`);
  return report;
}
