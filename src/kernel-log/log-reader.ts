import { LineSplitter } from './line-splitter.js';
import type { ClockAssumptions } from './log-clock.js';
import { MessageReader } from './message-reader.js';
import { type LogProblem, ProblemList } from './problem.js';
import type { OomReport } from './report.js';
import { ReportReader } from './report-reader.js';

/** What was read, and with which assumptions. */
export interface LogSummary {
  readonly lines: number;
  readonly reports: number;
  /** Lines that should have been part of a report and could not be read as such. */
  readonly problems: number;
  /** The first of them. */
  readonly firstProblems: readonly LogProblem[];
  /** A date named no year, or no zone. */
  readonly yearAssumed: boolean;
  readonly zoneAssumed: boolean;
}

/**
 * Reads a kernel log in any known form, in chunks of bytes, and hands on each OOM report once it is done with, in the order
 * in which they begin. Its memory does not grow with the log. Runs anywhere: no clock, no files.
 */
export class LogReader {
  readonly #problems = new ProblemList();
  readonly #lines: LineSplitter;
  readonly #messages: MessageReader;
  readonly #reports: ReportReader;
  #reportCount = 0;

  constructor(emit: (report: OomReport) => void, assumptions: ClockAssumptions) {
    this.#reports = new ReportReader((report) => {
      this.#reportCount++;
      emit(report);
    }, this.#problems);
    this.#messages = new MessageReader((message) => this.#reports.read(message), this.#problems, assumptions);
    this.#lines = new LineSplitter((line, lineNumber) => this.#messages.read(line, lineNumber), this.#problems);
  }

  /** What the dates needed so far. */
  get assumed(): { readonly year: boolean; readonly zone: boolean } {
    const { yearAssumed, zoneAssumed } = this.#messages.clock;
    return { year: yearAssumed, zone: zoneAssumed };
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** The log ends here. */
  end(): LogSummary {
    this.#lines.end();
    this.#messages.end(this.#lines.linesRead);
    this.#reports.end();
    return {
      lines: this.#lines.linesRead,
      reports: this.#reportCount,
      problems: this.#problems.total,
      firstProblems: this.#problems.kept,
      yearAssumed: this.#messages.clock.yearAssumed,
      zoneAssumed: this.#messages.clock.zoneAssumed,
    };
  }
}

/** Reads a log that is at hand as a whole. */
export function readLog(
  log: string | Uint8Array,
  assumptions: ClockAssumptions,
): { readonly reports: readonly OomReport[]; readonly summary: LogSummary } {
  const reports: OomReport[] = [];
  const reader = new LogReader((report) => reports.push(report), assumptions);
  reader.push(typeof log === 'string' ? new TextEncoder().encode(log) : log);
  return { reports, summary: reader.end() };
}
