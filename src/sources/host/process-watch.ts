import type { CgroupMemory, Limit } from '../../events/cgroup.js';
import type { Candidate } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { CgroupSample } from '../../events/memory-sample.js';
import type { ProcessCgroup, ProcessRow, ProcessSampleEvent } from '../../events/process-sample.js';
import { chooseProcesses, upwards } from '../../model/process-choice.js';
import type { RankInput } from '../../model/rank.js';
import { isNativeError } from '../kernel/native.js';
import { type CgroupMount, readOomGroup, readSwapLimit } from './cgroup-tree.js';
import { readNodeTotals } from './node-memory.js';
import { loadTaskReader, ProcTaskReader, type TaskReader } from './tasks.js';

const EVERY_MS = 1_000;
/** Of one CPU, at most: where a look takes long, the next one comes later. */
const MAX_SHARE = 0.01;
/** The first look comes when the limits of cgroups are known. */
const FIRST_MS = 300;
/** People change these settings, and rarely. */
const SETTINGS_AGE_MS = 10_000;

type Look = (nowUs: number) => readonly OomscopeEvent[];

interface Settings {
  readonly swapMaxBytes: Limit;
  readonly oomGroup: boolean;
  readonly readMs: number;
}

/** Tells the processes that matter, again and again. It learns of cgroups from the events of the source that it belongs to. */
export class ProcessWatch {
  private tasks: TaskReader | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private readonly paths = new Map<number, string>();
  private readonly samples = new Map<number, CgroupSample>();
  private readonly settings = new Map<number, Settings>();

  constructor(
    /** Null = there are no cgroups with memory here. */
    private readonly mount: CgroupMount | null,
    private readonly pageSizeBytes: number,
    /** To call what it is given with the time of now, and to emit what that returns. */
    private readonly emit: (look: Look) => void,
  ) {}

  /** Resolves when no capabilities are needed any more: the list of tasks is a program that has to be loaded. */
  async start(): Promise<void> {
    const tasks = await loadTaskReader();
    if (this.isStopped) return tasks.close();
    this.tasks = tasks;
    this.lookIn(FIRST_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.tasks?.close();
    this.tasks = null;
  }

  /** What the source tells, before others hear of it. */
  take(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      if (event.topic === '/memory/sample') {
        for (const row of event.cgroups) this.samples.set(row.id, row);
      } else if (event.topic === '/cgroup') {
        if (event.change === 'vanished') this.forget(event.id);
        else if (event.path !== null) this.paths.set(event.id, event.path);
      }
    }
  }

  private forget(id: number): void {
    this.paths.delete(id);
    this.samples.delete(id);
    this.settings.delete(id);
  }

  private lookIn(delayMs: number): void {
    this.timer = setTimeout(() => this.look(), delayMs).unref();
  }

  private look(): void {
    const beforeMs = performance.now();
    this.emit((nowUs) => this.sample(nowUs));
    const tookMs = performance.now() - beforeMs;
    if (this.tasks !== null) this.lookIn(Math.max(EVERY_MS, tookMs / MAX_SHARE));
  }

  private sample(tUs: number): ProcessSampleEvent[] {
    const { tasks } = this;
    if (tasks === null) return [];
    const input = this.input(this.readTasks(tasks));
    const { processes, ranked, limitsSeen } = chooseProcesses(input);
    return [
      {
        topic: '/process',
        tUs,
        whyProc: this.tasks?.whyProc ?? null,
        processesSeen: input.tasks.length,
        limitsSeen,
        ramBytes: input.ramBytes,
        swapTotalBytes: input.swapTotalBytes,
        swappiness: input.swappiness,
        processes: processes.map(rowOf),
        cgroups: this.cgroupsOf(processes, ranked),
      },
    ];
  }

  private readTasks(reader: TaskReader): Candidate[] {
    try {
      return this.withIds(reader.read(this.paths, this.pageSizeBytes));
    } catch (error) {
      if (!isNativeError(error)) throw error;
      // The program was taken away, or is not to be read any more: /proc is.
      reader.close();
      const other = new ProcTaskReader(error.message);
      this.tasks = other;
      return this.withIds(other.read());
    }
  }

  /** /proc names cgroups by their paths alone. */
  private withIds(tasks: readonly Candidate[]): Candidate[] {
    if (tasks.every(({ cgroupId }) => cgroupId !== null)) return [...tasks];
    const ids = new Map([...this.paths].map(([id, path]) => [path, id]));
    return tasks.map((task) => ({ ...task, cgroupId: task.cgroupId ?? ids.get(task.cgroupPath ?? '') ?? null }));
  }

  private input(tasks: readonly Candidate[]): RankInput {
    const cgroups: CgroupMemory[] = [];
    for (const [id, { usageBytes, maxBytes }] of this.samples) {
      const path = this.paths.get(id);
      if (path === undefined || typeof maxBytes !== 'number') continue;
      cgroups.push({
        ...{ id, path, usageBytes, maxBytes },
        ...{ pathTruncated: false, level: upwards(path).length, highBytes: null, swapBytes: null },
        swapIsMemsw: this.mount?.version === 1,
        swapMaxBytes: this.settingsOf(id, path).swapMaxBytes,
        oomGroup: null,
      });
    }
    return { tasks, cgroups, ...readNodeTotals(this.pageSizeBytes) };
  }

  /** Those whose limits are ranked, and those above a process that die as a group. */
  private cgroupsOf(processes: readonly Candidate[], ranked: readonly CgroupMemory[]): ProcessCgroup[] {
    const rankedIds = new Set(ranked.map(({ id }) => id));
    const paths = new Set(processes.flatMap(({ cgroupPath }) => upwards(cgroupPath)));
    const rows: ProcessCgroup[] = [];
    for (const [id, path] of this.paths) {
      if (!paths.has(path)) continue;
      const { swapMaxBytes, oomGroup } = this.settingsOf(id, path);
      if (!rankedIds.has(id) && !oomGroup) continue;
      rows.push({ id, maxBytes: this.samples.get(id)?.maxBytes ?? null, swapMaxBytes, oomGroup });
    }
    return rows;
  }

  private settingsOf(id: number, path: string): Settings {
    const nowMs = performance.now();
    const known = this.settings.get(id);
    if (known !== undefined && nowMs - known.readMs < SETTINGS_AGE_MS) return known;
    const { mount } = this;
    const read: Settings = {
      swapMaxBytes: mount === null ? null : readSwapLimit(mount, path),
      oomGroup: mount !== null && readOomGroup(mount, path),
      readMs: nowMs,
    };
    this.settings.set(id, read);
    return read;
  }
}

function rowOf(task: Candidate): ProcessRow {
  const { pid, uid, comm, startUs, adj, cgroupId, status } = task;
  const { rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes } = task;
  return {
    ...{ pid, uid, comm, startUs, adj, cgroupId, status },
    ...{ rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes },
  };
}
