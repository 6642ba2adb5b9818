import { HostTracker } from './host-tracker.js';
import type { KernelMessage } from './message-reader.js';
import { OpenReports } from './open-reports.js';
import type { ProblemList } from './problem.js';
import type { OomReport } from './report.js';
import { type KnownFacts, ReportBuilder, STAGE } from './report-builder.js';

/** Machines told apart in one log; the log of more is read as if the rest were one. */
const MAX_HOSTS = 1_000;

type Accepts = (report: ReportBuilder) => boolean;

/** Where the readers of lines find the report that a line belongs to, or begin one. */
export class ReportRouter {
  readonly #open: OpenReports;
  readonly #problems: ProblemList;
  readonly #hosts = new Map<string | null, HostTracker>();
  #hostName: string | null = null;
  #host = new HostTracker();

  constructor(emit: (report: OomReport) => void, problems: ProblemList) {
    this.#open = new OpenReports(emit);
    this.#problems = problems;
    this.#hosts.set(this.#hostName, this.#host);
  }

  /** Every message passes here, in the order of the log, before anything is looked for. */
  follow(message: KernelMessage): void {
    this.#open.tick();
    if (message.host !== this.#hostName) {
      this.#hostName = message.host;
      this.#host = this.#hostOf(message.host);
    }
    this.#host.read(message);
  }

  /** A report is in its first parts, whose lines mean nothing elsewhere. */
  get expectsDetail(): boolean {
    return this.#open.findLast((report) => report.stage <= STAGE.memory) !== undefined;
  }

  /** The newest report of the message's host, boot and caller that accepts it; the line is counted as its own. */
  find(message: KernelMessage, accepts: Accepts): ReportBuilder | undefined {
    return this.#touched(message, this.peek(message, accepts));
  }

  /** The same, without counting the line as its own. */
  peek(message: KernelMessage, accepts: Accepts): ReportBuilder | undefined {
    return this.#open.findLast(
      (report) => this.#isHere(report) && report.callerId === message.callerId && accepts(report),
    );
  }

  /** As `find`, whoever wrote the line: the reaper is a thread of its own. */
  findOfAnyCaller(message: KernelMessage, accepts: Accepts): ReportBuilder | undefined {
    return this.#touched(
      message,
      this.#open.findLast((report) => this.#isHere(report) && accepts(report)),
    );
  }

  /** A report begins with this line, or the log begins within one. */
  begin(message: KernelMessage): ReportBuilder {
    return this.#open.add(new ReportBuilder(message, this.#host.boot, this.#host.known));
  }

  findOrBegin(message: KernelMessage, accepts: Accepts): ReportBuilder {
    return this.find(message, accepts) ?? this.begin(message);
  }

  /** One thread is in one report at a time: a new one of a known thread ends those it left open. */
  closeOpenOf(message: KernelMessage): void {
    if (message.callerId === null) return;
    for (const report of this.#open.all()) {
      if (this.#isHere(report) && report.callerId === message.callerId) report.close();
    }
  }

  /** Kernel messages since a line went into this report. */
  idle(report: ReportBuilder): number {
    return this.#open.idle(report);
  }

  learn(facts: Partial<KnownFacts>): void {
    this.#host.learn(facts);
  }

  problem(message: KernelMessage, expected: string): void {
    this.#problems.add(message.lineNumber, expected, message.text);
  }

  /** Hands on the reports that are left, complete or not. */
  end(): void {
    this.#open.end();
  }

  #hostOf(name: string | null): HostTracker {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = this.#hosts.size < MAX_HOSTS ? new HostTracker() : (this.#hosts.get(null) ?? new HostTracker());
    if (this.#hosts.size < MAX_HOSTS) this.#hosts.set(name, host);
    return host;
  }

  #isHere(report: ReportBuilder): boolean {
    return report.host === this.#hostName && report.boot === this.#host.boot;
  }

  #touched(message: KernelMessage, report: ReportBuilder | undefined): ReportBuilder | undefined {
    if (report !== undefined) this.#open.touch(report, message);
    return report;
  }
}
