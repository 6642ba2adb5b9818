import type { KernelMessage } from './message-reader.js';
import type { ProblemList } from './problem.js';
import { readInvoked, readTrigger } from './read-header.js';
import { readKill, readSummary } from './read-kill.js';
import { readLimit, readMemoryDetail } from './read-memory.js';
import { readTable } from './read-table.js';
import type { OomReport } from './report.js';
import type { ReportBuilder } from './report-builder.js';
import { ReportRouter } from './report-router.js';
import { parseSummary, SUMMARY_START, summaryIsWhole } from './summary-line.js';

/** An "oom-kill:" line without its end, as far as it came. */
interface BrokenSummary {
  readonly message: KernelMessage;
  readonly report: ReportBuilder;
}

/** Four paths of a cgroup, and more than enough. */
const MAX_SUMMARY_LENGTH = 20_000;

const HANGING =
  /^(?:Task in|killed as a result of limit of|Memory limit reached of cgroup|Memory cgroup stats for)\s*$/;

/** Reads kernel messages and puts OOM reports together from them. What is no part of a report is passed over. */
export class ReportReader {
  readonly #router: ReportRouter;
  #brokenSummary: BrokenSummary | null = null;
  /** A line that ends where a path should stand. */
  #hanging: KernelMessage | null = null;

  constructor(emit: (report: OomReport) => void, problems: ProblemList) {
    this.#router = new ReportRouter(emit, problems);
  }

  read(message: KernelMessage): void {
    const text = message.text.trimStart();
    if (text === '') return;
    const line = this.#joined(text.length === message.text.length ? message : { ...message, text });
    this.#hanging = HANGING.test(line.text) ? line : null;
    if (this.#hanging === null) this.#readLine(line);
  }

  /** Paths are printed by calls of their own, so one can come as a message of its own. */
  #joined(message: KernelMessage): KernelMessage {
    const begun = this.#hanging;
    const continues =
      message.text.startsWith('/') && begun?.callerId === message.callerId && begun.host === message.host;
    return continues ? { ...begun, text: `${begun.text.trimEnd()} ${message.text}` } : message;
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
      const report = readSummary(this.#router, message);
      if (!summaryIsWhole(message.text)) this.#brokenSummary = { message, report };
      return true;
    }
    return this.#brokenSummary !== null && this.#continueSummary(message, this.#brokenSummary);
  }

  /** The kernel prints the line in pieces that begin with a comma or with a cgroup's path. */
  #continueSummary(piece: KernelMessage, { message, report }: BrokenSummary): boolean {
    const continues = /^[,/]/.test(piece.text) && piece.callerId === message.callerId && piece.host === message.host;
    if (!continues || message.text.length > MAX_SUMMARY_LENGTH) return false;
    const longer = { ...message, text: message.text + piece.text };
    report.addSummary(parseSummary(longer.text), message);
    this.#brokenSummary = summaryIsWhole(longer.text) ? null : { message: longer, report };
    return true;
  }

  #dropBrokenSummary(): void {
    if (this.#brokenSummary === null) return;
    this.#router.problem(this.#brokenSummary.message, 'the rest of the line, to ",pid=…,uid=…"');
    this.#brokenSummary = null;
  }
}
