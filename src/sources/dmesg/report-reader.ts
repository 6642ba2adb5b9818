import type { KernelMessage } from './message-reader.js';
import type { ProblemList } from './problem.js';
import { readInvoked, readTrigger } from './read-header.js';
import { readKill, readSummary } from './read-kill.js';
import { readLimit, readMemoryDetail } from './read-memory.js';
import { readTable } from './read-table.js';
import type { OomReport } from './report.js';
import { ReportRouter } from './report-router.js';
import { SUMMARY_START, summaryIsWhole } from './summary-line.js';

/** Reads kernel messages and puts OOM reports together from them. What is no part of a report is passed over. */
export class ReportReader {
  readonly #router: ReportRouter;
  /** An "oom-kill:" line that other CPUs' messages broke, as far as it came. */
  #brokenSummary: KernelMessage | null = null;

  constructor(emit: (report: OomReport) => void, problems: ProblemList) {
    this.#router = new ReportRouter(emit, problems);
  }

  read(message: KernelMessage): void {
    const text = message.text.trimStart();
    if (text === '') return;
    this.#readLine(text.length === message.text.length ? message : { ...message, text });
  }

  /** Hands on the reports that are left, complete or not. */
  end(): void {
    this.#dropBrokenSummary();
    this.#router.end();
  }

  #readLine(message: KernelMessage): void {
    const router = this.#router;
    router.follow(message);
    if (readInvoked(router, message) || this.#readSummary(message)) return;
    if (readTable(router, message) || readLimit(router, message) || readKill(router, message)) return;
    if (router.expectsDetail && !readTrigger(router, message)) readMemoryDetail(router, message);
  }

  #readSummary(message: KernelMessage): boolean {
    if (message.text.startsWith(SUMMARY_START)) {
      this.#dropBrokenSummary();
      this.#takeSummary(message);
      return true;
    }
    const broken = this.#brokenSummary;
    const continues = message.text.startsWith(',') && broken !== null && broken.callerId === message.callerId;
    if (!continues) return false;
    this.#brokenSummary = null;
    this.#takeSummary({ ...message, lineNumber: broken.lineNumber, text: broken.text + message.text });
    return true;
  }

  #takeSummary(message: KernelMessage): void {
    if (summaryIsWhole(message.text)) readSummary(this.#router, message);
    else this.#brokenSummary = message;
  }

  #dropBrokenSummary(): void {
    if (this.#brokenSummary === null) return;
    this.#router.problem(this.#brokenSummary, 'the rest of the line, to ",pid=…,uid=…"');
    this.#brokenSummary = null;
  }
}
