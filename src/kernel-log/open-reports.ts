import type { KernelMessage } from './message-reader.js';
import type { OomReport } from './report.js';
import type { ReportBuilder } from './report-builder.js';

/** Reports held at once. The kernel runs one OOM killer at a time; more are open only in logs that are cut or mixed. */
const MAX_REPORTS = 32;
/** Table rows held at once, over all of them. */
const MAX_ROWS_HELD = 200_000;
/** Kernel messages after which nothing more is expected: no report has so long a gap, and the reaper ends within seconds. */
const SETTLED_AFTER = 10_000;

/** The reports that lines may still belong to, oldest first. Hands each on, in that order, when it is done with. */
export class OpenReports {
  readonly #emit: (report: OomReport) => void;
  readonly #reports: ReportBuilder[] = [];
  /** For each report, the number of the message that touched it last. */
  readonly #touched = new Map<ReportBuilder, number>();
  #messages = 0;

  constructor(emit: (report: OomReport) => void) {
    this.#emit = emit;
  }

  /** Counts a message, and now and then looks for what is done with. */
  tick(): void {
    this.#messages++;
    if ((this.#messages & 1023) === 0) this.#settle();
  }

  add(report: ReportBuilder): ReportBuilder {
    this.#reports.push(report);
    this.#touched.set(report, this.#messages);
    this.#settle();
    return report;
  }

  touch(report: ReportBuilder, message: KernelMessage): void {
    this.#touched.set(report, this.#messages);
    report.touch(message);
  }

  findLast(accepts: (report: ReportBuilder) => boolean): ReportBuilder | undefined {
    return this.#reports.findLast(accepts);
  }

  all(): readonly ReportBuilder[] {
    return this.#reports;
  }

  /** Kernel messages since a line went into it. */
  idle(report: ReportBuilder): number {
    return this.#messages - (this.#touched.get(report) ?? 0);
  }

  /** Hands on all that is left. */
  end(): void {
    while (this.#reports.length > 0) this.#handOn();
  }

  #settle(): void {
    let rows = this.#reports.reduce((sum, report) => sum + report.table.rowCount, 0);
    while (this.#reports.length > 1 && (this.#reports.length > MAX_REPORTS || rows > MAX_ROWS_HELD)) {
      rows -= this.#reports[0]?.table.rowCount ?? 0;
      this.#handOn();
    }
    while (this.#isSettled(this.#reports[0])) this.#handOn();
  }

  #isSettled(report: ReportBuilder | undefined): boolean {
    return report !== undefined && this.idle(report) > SETTLED_AFTER;
  }

  #handOn(): void {
    const report = this.#reports.shift();
    if (report === undefined) return;
    this.#touched.delete(report);
    this.#emit(report.build());
  }
}
