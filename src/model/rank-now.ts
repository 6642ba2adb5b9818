import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import type { ProcessCgroup } from '../events/process-sample.js';
import { cgroupPath, type MemoryState } from './memory-state.js';
import type { Model } from './model.js';
import { upwards } from './process-choice.js';
import { type Ranking, rankCgroup, rankNode } from './rank.js';

/** Who would die next, by the processes that were told last. */
export interface RanksNow {
  readonly tUs: number;
  /** Why they were read from /proc; null = from the kernel's own list. */
  readonly whyProc: string | null;
  readonly node: Ranking;
  /** With a limit and processes, the fullest first. */
  readonly cgroups: readonly Ranking[];
  /** How many more have a limit and processes. */
  readonly limitsNotRanked: number;
  readonly processesSeen: number;
}

/** Null = no processes were told, or the page size is not known. */
export function ranksNow({ memory, session }: Pick<Model, 'memory' | 'session'>): RanksNow | null {
  const { processes: told } = memory;
  const pageSizeBytes = session?.pageSizeBytes ?? null;
  if (told === null || pageSizeBytes === null) return null;
  const { ramBytes, swapTotalBytes, swappiness } = told;
  const tasks = told.processes.map((row): Candidate => {
    const path = row.cgroupId === null ? null : cgroupPath(memory, row.cgroupId);
    return { ...row, tid: row.pid, cgroupPath: path, rssBytes: null, points: null };
  });
  const rows = new Map(told.cgroups.map((row) => [row.id, row]));
  const isMemsw = session?.cgroupVersion === 1;
  const cgroups = cgroupsAbove(memory, tasks).map(({ id, path, level }) =>
    cgroupOf(memory, { id, path, level, row: rows.get(id), isMemsw }),
  );
  const input = { tasks, cgroups, pageSizeBytes, ramBytes, swapTotalBytes, swappiness };
  const ranked = cgroups
    .flatMap((cgroup) => rankCgroup(input, cgroup) ?? [])
    .filter(({ candidates }) => candidates.length > 0)
    .sort((a, b) => fullness(b.cgroup) - fullness(a.cgroup));
  return {
    tUs: told.tUs,
    whyProc: told.whyProc,
    node: rankNode(input),
    cgroups: ranked,
    limitsNotRanked: Math.max(0, told.limitsSeen - ranked.length),
    processesSeen: told.processesSeen,
  };
}

interface Place {
  readonly id: number;
  readonly path: string;
  readonly level: number;
}

/** Those in which a process stands, and those above them, in the kernel's order of walking the tree. */
function cgroupsAbove(memory: MemoryState, tasks: readonly Candidate[]): Place[] {
  const paths = new Set(tasks.flatMap((task) => upwards(task.cgroupPath)));
  const places: Place[] = [];
  const ids = new Map<string, number>();
  for (const { id, path, level } of memory.cgroups.values()) {
    if (path === null || !paths.has(path)) continue;
    places.push({ id, path, level });
    ids.set(path, id);
  }
  // Children come in the order in which they were made: their ids grow.
  const walk = new Map(
    places.map(({ id, path }) => [
      id,
      upwards(path)
        .reverse()
        .map((above) => ids.get(above) ?? 0),
    ]),
  );
  return places.sort((a, b) => compareWalks(walk.get(a.id) ?? [], walk.get(b.id) ?? []));
}

function compareWalks(a: readonly number[], b: readonly number[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const difference = (a[depth] ?? 0) - (b[depth] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Without a row it was not ranked: then its limit is left out, and nobody is named by half of its processes. */
function cgroupOf(
  memory: MemoryState,
  { id, path, level, row, isMemsw }: Place & { readonly row: ProcessCgroup | undefined; readonly isMemsw: boolean },
): CgroupMemory {
  const sample = memory.samples.get(id);
  return {
    ...{ id, path, level, pathTruncated: false },
    usageBytes: sample?.usageBytes ?? null,
    maxBytes: row?.maxBytes ?? null,
    highBytes: sample?.highBytes ?? null,
    swapBytes: sample?.swapBytes ?? null,
    swapMaxBytes: row?.swapMaxBytes ?? null,
    swapIsMemsw: isMemsw,
    oomGroup: row?.oomGroup ?? null,
  };
}

function fullness(cgroup: CgroupMemory | null): number {
  return typeof cgroup?.maxBytes === 'number' ? (cgroup.usageBytes ?? 0) / Math.max(1, cgroup.maxBytes) : 0;
}
