import type { ProcessFacts } from '../../events/process.js';
import type { VictimEvent, VictimStep } from '../../events/victim.js';
import type { CgroupPaths } from './cgroup-path.js';
import type { KernelRecord, KillStepRecord, RecordTime } from './records.js';

export type VictimStepRecord = Extract<KernelRecord, { kind: 'victim' | 'reaper' | 'exit' }>;

interface Mark {
  readonly tid: number;
  readonly process: ProcessFacts | null;
  readonly episodeUs: number | null;
}

/** As many as bpf/maps.bpf.h remembers: what lies further back is not reported by the kernel side either. */
const MARKS_MAX = 2_048;

/**
 * Makes victims' records into events. Remembers the newest marks: the reaper names a thread only, and the thread that
 * exits last need not be the one that was marked, yet all steps of a victim carry the same `tid`.
 */
export class Victims {
  private readonly byTid = new Map<number, Mark>();
  private readonly byPid = new Map<number, Mark>();
  /** Of whom no mark has come yet, by pid. */
  private readonly early = new Map<number, KillStepRecord & RecordTime>();

  constructor(private readonly paths: CgroupPaths) {}

  toEvents(record: VictimStepRecord): VictimEvent[] {
    switch (record.kind) {
      case 'victim': {
        const marked = this.marked(record);
        const early = this.takeEarly(marked);
        return early === null ? [marked] : [this.delivered(early), marked];
      }
      case 'reaper':
        return [this.reaped(record)];
      case 'exit':
        return [this.exited(record)];
    }
  }

  /**
   * The victim takes its SIGKILL, in one of its threads. On another CPU it can do so before the kernel marks it: then this is
   * told with the mark, which alone says by which thread a victim is known. Who is never marked (a process that shares a
   * victim's memory is killed with it) is no victim.
   */
  deliveredEvents(record: KillStepRecord & RecordTime): VictimEvent[] {
    const mark = this.markOf(record.target);
    if (mark !== undefined && (record.episodeUs === null || record.episodeUs === mark.episodeUs)) {
      return [this.delivered(record)];
    }
    this.early.delete(record.target.pid);
    this.early.set(record.target.pid, record);
    forgetOldest(this.early);
    return [];
  }

  private takeEarly({ process, episodeUs }: VictimEvent): (KillStepRecord & RecordTime) | null {
    const early = process === null ? undefined : this.early.get(process.pid);
    if (early === undefined || early.episodeUs !== episodeUs) return null;
    this.early.delete(early.target.pid);
    return early;
  }

  private marked(record: Extract<VictimStepRecord, { kind: 'victim' }>): VictimEvent {
    const { tUs, tid, episodeUs, memory, sigkilled, chosen, containerPid } = record;
    const process = record.process === null ? null : this.named(record.process);
    this.remember({ tid, process, episodeUs });
    return { ...step('marked', tUs, episodeUs, tid), process, memory, sigkilled, chosen, containerPid };
  }

  private reaped(record: Extract<VictimStepRecord, { kind: 'reaper' }>): VictimEvent {
    const mark = this.byTid.get(record.tid);
    const episodeUs = record.episodeUs ?? mark?.episodeUs ?? null;
    return { ...step(record.step, record.tUs, episodeUs, record.tid), process: mark?.process ?? null };
  }

  private exited(record: Extract<VictimStepRecord, { kind: 'exit' }>): VictimEvent {
    const { memory, memorySharedBy } = record;
    const mark = this.markOf(record.process);
    const episodeUs = record.episodeUs ?? mark?.episodeUs ?? null;
    return {
      ...step('exited', record.tUs, episodeUs, mark?.tid ?? record.process.tid),
      process: this.named(record.process),
      memory,
      memorySharedBy,
    };
  }

  private delivered({ tUs, episodeUs, target, commandLine }: KillStepRecord & RecordTime): VictimEvent {
    const mark = this.markOf(target);
    return {
      ...step('delivered', tUs, episodeUs ?? mark?.episodeUs ?? null, mark?.tid ?? target.tid),
      process: this.named(target),
      commandLine,
    };
  }

  private named(process: ProcessFacts): ProcessFacts {
    return { ...process, cgroupPath: this.paths.find(process.cgroupId) };
  }

  private markOf(process: ProcessFacts): Mark | undefined {
    const mark = this.byPid.get(process.pid);
    const startUs = mark?.process?.startUs ?? null;
    const other = startUs !== null && process.startUs !== null && startUs !== process.startUs;
    return other ? undefined : mark;
  }

  private remember(mark: Mark): void {
    const pid = mark.process?.pid ?? mark.tid;
    // Deleted first: a Map keeps the place of a key that is set again, and the oldest place is forgotten.
    this.byTid.delete(mark.tid);
    this.byPid.delete(pid);
    this.byTid.set(mark.tid, mark);
    this.byPid.set(pid, mark);
    forgetOldest(this.byTid);
    forgetOldest(this.byPid);
  }
}

/** A step of which nothing but the fact is known; its fields in the order in which people read them. */
function step(name: VictimStep, tUs: number, episodeUs: number | null, tid: number): VictimEvent {
  return {
    topic: '/oom/victim',
    tUs,
    step: name,
    episodeUs,
    tid,
    process: null,
    memory: null,
    sigkilled: null,
    chosen: null,
    memorySharedBy: null,
    commandLine: null,
    containerPid: null,
  };
}

function forgetOldest(byNumber: Map<number, unknown>): void {
  if (byNumber.size <= MARKS_MAX) return;
  const [oldest] = byNumber.keys();
  if (oldest !== undefined) byNumber.delete(oldest);
}
