import type { InvokedLine, TaskIdentity } from './header-lines.js';
import type { EndLine, KilledLine, KillScope, ReaperLine } from './kill-lines.js';
import type { CounterName, TaskInLine } from './memcg-lines.js';
import type { KernelMessage } from './message-reader.js';
import { type NodeFact, PAGE_SIZES_BYTES } from './node-lines.js';
import type {
  CgroupStats,
  CounterLine,
  KilledProcess,
  LogConstraint,
  LogTime,
  OomReport,
  ReaperNote,
  ReportChoice,
  ReportOutcome,
  ReportPart,
  ReportTrigger,
} from './report.js';
import { LimitPart, NodePart, TablePart } from './report-parts.js';
import type { SummaryLine } from './summary-line.js';
import type { TableColumns } from './task-table.js';

/** How far a report has come. The kernel prints its parts in this order. */
export const STAGE = { header: 0, memory: 1, tasks: 2, chosen: 3, over: 4 } as const;
export type Stage = (typeof STAGE)[keyof typeof STAGE];

const MAX_KILLED = 100_000;

/** What the log told of the machine before this report, since its boot. */
export interface KnownFacts {
  readonly kernelRelease: string | null;
  readonly swapTotalBytes: number | null;
}

/** A report while its lines come in. The reader decides which line is whose; this puts each in its place. */
export class ReportBuilder {
  readonly boot: number;
  lastLine: number;
  readonly #first: KernelMessage;
  readonly #known: KnownFacts;
  readonly #limit = new LimitPart();
  readonly #node = new NodePart();
  readonly #table = new TablePart();
  readonly #killed: KilledProcess[] = [];
  readonly #killedPids = new Set<number>();
  readonly #reaped: ReaperNote[] = [];
  #end: LogTime;
  #stage: Stage = STAGE.header;
  #headerSeen = false;
  #trigger: ReportTrigger | null = null;
  #kernelRelease: string | null = null;
  #request: InvokedLine | null = null;
  #cpuset: { readonly cpuset: string; readonly memsAllowed: string } | null = null;
  #victimCgroup: string | null = null;
  #summary: SummaryLine | null = null;
  #choice: ReportChoice | null = null;
  #group: { readonly cgroup: string | null } | null = null;
  #scope: KillScope = null;
  #allocatingTask = false;
  #ended: ReportOutcome = 'unknown';

  constructor(first: KernelMessage, boot: number, known: KnownFacts) {
    this.#first = first;
    this.boot = boot;
    this.#known = known;
    this.lastLine = first.lineNumber;
    this.#end = timeOf(first);
  }

  get host(): string | null {
    return this.#first.host;
  }

  get callerId(): string | null {
    return this.#first.callerId;
  }

  get stage(): Stage {
    return this.#stage;
  }

  get trigger(): ReportTrigger | null {
    return this.#trigger;
  }

  get limit(): LimitPart {
    return this.#limit;
  }

  get node(): NodePart {
    return this.#node;
  }

  get table(): TablePart {
    return this.#table;
  }

  get choice(): ReportChoice | null {
    return this.#choice;
  }

  get hasCpuset(): boolean {
    return this.#cpuset !== null;
  }

  get hasSummary(): boolean {
    return this.#summary !== null;
  }

  get victimCgroup(): string | null {
    return this.#victimCgroup;
  }

  get isGroupKill(): boolean {
    return this.#group !== null;
  }

  hasKilled(pid: number): boolean {
    return this.#killedPids.has(pid);
  }

  /** Whether a kill for this shortage can be this report's. */
  agreesWith(scope: KillScope): boolean {
    return scope === null || this.#scope === null || this.#scope === scope;
  }

  /** Nothing more of it is expected, though it has no end. */
  close(): void {
    this.#stage = STAGE.over;
  }

  /** Every line that is taken in passes here first. */
  touch(message: KernelMessage): this {
    this.lastLine = message.lineNumber;
    this.#end = timeOf(message);
    return this;
  }

  addInvoked(comm: string, line: InvokedLine | null): void {
    this.#headerSeen = true;
    this.#request = line;
    this.#trigger = { comm, tid: null, uid: null, adj: line?.adj ?? null };
  }

  addCpuset(cpuset: string, memsAllowed: string): void {
    this.#cpuset = { cpuset, memsAllowed };
  }

  addIdentity({ tid, uid, comm, kernelRelease }: TaskIdentity): void {
    this.#trigger = { comm: this.#trigger?.comm ?? comm, tid, uid, adj: this.#trigger?.adj ?? null };
    this.#kernelRelease = kernelRelease;
  }

  addTaskIn(line: TaskInLine): void {
    this.#advance(STAGE.memory, 'memcg');
    this.#victimCgroup ??= line.victimCgroup;
    this.#limit.path ??= line.limitCgroup;
  }

  addCounter(name: CounterName, counter: CounterLine): void {
    this.#advance(STAGE.memory, 'memcg');
    this.#limit.addCounter(name, counter);
  }

  addStats(stats: CgroupStats, linesFollow: boolean): void {
    this.#advance(STAGE.memory, 'memcg');
    this.#limit.addStats(stats, linesFollow);
  }

  addNodeFact(fact: NodeFact): void {
    this.#advance(STAGE.memory, 'node');
    this.#node.add(fact);
  }

  openTable(columns: TableColumns, headerSeen: boolean): void {
    this.#advance(STAGE.tasks, null);
    this.#limit.statsFollow = false;
    this.#table.open(columns, headerSeen);
  }

  /** A line that is broken comes again with each of its pieces. */
  addSummary(line: SummaryLine, message: KernelMessage): void {
    this.#advance(STAGE.chosen, line.scope);
    this.#summary = line;
    this.#limit.path ??= line.limitCgroup;
    this.#victimCgroup ??= line.victimCgroup;
    if (line.chosen !== null) this.addChosen({ ...line.chosen, score: null }, null, message);
  }

  addChosen(
    chosen: Pick<ReportChoice, 'pid' | 'comm' | 'uid' | 'score'>,
    scope: KillScope,
    message: KernelMessage,
  ): void {
    this.#advance(STAGE.chosen, scope);
    // 5.0 and 5.1 print both lines: the first has the uid, the second the score.
    this.#choice = {
      ...chosen,
      uid: chosen.uid ?? this.#choice?.uid ?? null,
      lineNumber: message.lineNumber,
      time: timeOf(message),
    };
  }

  addKilled(line: KilledLine, why: KilledProcess['why'], message: KernelMessage): void {
    this.#advance(STAGE.over, line.scope);
    this.#allocatingTask ||= line.allocatingTask;
    // A group's members are all killed, its chosen one a second time.
    if (this.#killedPids.has(line.pid) || this.#killed.length >= MAX_KILLED) return;
    this.#killedPids.add(line.pid);
    const { scope: _scope, allocatingTask: _allocatingTask, ...process } = line;
    this.#killed.push({ ...process, lineNumber: message.lineNumber, time: timeOf(message), why });
  }

  markAllocatingTask(): void {
    this.#allocatingTask = true;
  }

  markGroupKill(cgroup: string | null): void {
    this.#group = { cgroup };
  }

  addReaper(line: ReaperLine, message: KernelMessage): void {
    this.#advance(STAGE.over, null);
    if (this.#reaped.length < MAX_KILLED) {
      this.#reaped.push({ ...line, lineNumber: message.lineNumber, time: timeOf(message) });
    }
  }

  markEnd(end: EndLine | 'already-exiting', scope: KillScope): void {
    this.#advance(STAGE.over, scope);
    // "No killable processes" is followed by the panic.
    if (this.#ended !== 'panic') this.#ended = end;
  }

  build(): OomReport {
    return {
      firstLine: this.#first.lineNumber,
      lastLine: this.lastLine,
      host: this.#first.host,
      bootId: this.#first.bootId,
      boot: this.boot,
      begin: timeOf(this.#first),
      end: this.#end,
      kernelRelease: this.#kernelRelease ?? this.#known.kernelRelease,
      trigger: this.#trigger,
      request: this.#buildRequest(),
      scope: this.#scope,
      constraint: this.#constraint(),
      cpuset: this.#cpuset?.cpuset ?? this.#summary?.cpuset ?? null,
      memsAllowed: this.#cpuset?.memsAllowed ?? this.#summary?.memsAllowed ?? null,
      limit: this.#limit.build(),
      node: this.#node.build(),
      knownSwapBytes: this.#node.swapTotalBytes ?? this.#known.swapTotalBytes,
      tasks: this.#table.build(),
      victimCgroup: this.#victimCgroup,
      choice: this.#choice,
      killed: this.#killed,
      groupKill: this.#group !== null,
      groupCgroup: this.#group?.cgroup ?? null,
      reaped: this.#reaped,
      outcome: this.#outcome(),
      allocatingTask: this.#allocatingTask,
      missing: this.#missing(),
      pageSizeBytes: this.#node.pageSizeBytes ?? this.#pageSizeOfKill(),
    };
  }

  #advance(stage: Stage, scope: KillScope): void {
    if (this.#stage < stage) this.#stage = stage;
    this.#scope ??= scope;
  }

  #buildRequest(): OomReport['request'] {
    if (this.#request === null) return null;
    const { gfpMask, gfpFlags, order, nodemask } = this.#request;
    return { gfpMask, gfpFlags, order, nodemask: nodemask ?? this.#summary?.nodemask ?? null };
  }

  /** The first kernels that print a constraint say CONSTRAINT_NONE for a cgroup's shortage as well. */
  #constraint(): LogConstraint | null {
    return this.#scope === 'memcg' ? 'memcg' : (this.#summary?.constraint ?? null);
  }

  #outcome(): ReportOutcome {
    return this.#killed.length > 0 || this.#reaped.length > 0 ? 'killed' : this.#ended;
  }

  #missing(): ReportPart[] {
    const parts: readonly (readonly [ReportPart, boolean])[] = [
      ['header', this.#headerSeen],
      ['memory', this.#limit.hasCounters || this.#node.seen],
      ['tasks', this.#table.headerSeen],
      ['kill', this.#outcome() !== 'unknown'],
    ];
    return parts.filter(([, found]) => !found).map(([part]) => part);
  }

  /** The kill line gives total-vm in KiB, the table in pages. */
  #pageSizeOfKill(): number | null {
    for (const { pid, totalVmBytes } of this.#killed) {
      const pages = this.#table.row(pid)?.totalVmPages ?? 0;
      const size = totalVmBytes === null ? undefined : PAGE_SIZES_BYTES.find((bytes) => bytes * pages === totalVmBytes);
      if (size !== undefined && pages > 0) return size;
    }
    return null;
  }
}

function timeOf(message: KernelMessage): LogTime {
  return { bootUs: message.bootUs, epochUs: message.epochUs };
}
