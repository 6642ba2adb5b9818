import { visible } from '../../../src/base/escape.js';
import type { MemoryState } from '../../../src/model/memory-state.js';
import type { Pods } from '../../../src/model/pods.js';
import type { SeriesStore } from '../../../src/model/series/series.js';
import { workloadName, workloadOf } from '../../../src/model/workload.js';

export type Order = 'usage' | 'growth' | 'pressure';

/** A cgroup as it is listed. */
export interface CgroupRow {
  readonly id: number;
  readonly path: string;
  /** Safe to show. */
  readonly name: string;
  /** The pod that it belongs to; null = none. Rows of one pod stand together. */
  readonly pod: string | null;
  readonly usageBytes: number | null;
  readonly maxBytes: number | 'max' | null;
  /** In the last GROWTH_US. Null = not known that far back. */
  readonly growthBytes: number | null;
  /** Share of the last PRESSURE_US that its tasks were stalled, all tasks added up; null = not measured. */
  readonly stallShare: number | null;
}

export const GROWTH_US = 30_000_000;
const PRESSURE_US = 10_000_000;

export interface Choice {
  readonly rows: readonly CgroupRow[];
  /** How many there would be. */
  readonly matching: number;
  /** How many there are, whatever is searched for. */
  readonly known: number;
}

export interface Ask {
  readonly order: Order;
  /** Words that the path or the name must have; '' = any. */
  readonly search: string;
  readonly pinned: ReadonlySet<number>;
  readonly count: number;
}

/**
 * The cgroups worth a chart: those that hold processes and those that have a limit of their own; the root is the node's
 * own timeline. Pinned ones first, then as asked, those of one pod together.
 */
export function chooseCgroups(memory: MemoryState, pods: Pods, series: SeriesStore, ask: Ask): Choice {
  const parents = parentPaths(memory);
  // In a replay more of the past may be known than what has happened yet.
  const at: At = { series, nowUs: memory.sampled?.tUs ?? 0 };
  const words = ask.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const rows: CgroupRow[] = [];
  let all = 0;
  for (const { id, path } of memory.cgroups.values()) {
    if (path === null || path === '/') continue;
    const sample = memory.samples.get(id);
    if (parents.has(path) && typeof sample?.maxBytes !== 'number' && !ask.pinned.has(id)) continue;
    all++;
    const row = rowOf(id, path, sample, pods, at);
    const text = `${path} ${row.name} ${row.pod ?? ''}`.toLowerCase();
    if (words.every((word) => text.includes(word))) rows.push(row);
  }
  const sorted = rows.sort((a, b) => weight(b, ask.order) - weight(a, ask.order) || (a.path < b.path ? -1 : 1));
  const pinned = sorted.filter(({ id }) => ask.pinned.has(id));
  const others = sorted.filter(({ id }) => !ask.pinned.has(id)).slice(0, Math.max(0, ask.count - pinned.length));
  return { rows: [...pinned, ...together(others)], matching: rows.length, known: all };
}

interface At {
  readonly series: SeriesStore;
  readonly nowUs: number;
}

function rowOf(
  id: number,
  path: string,
  sample: { readonly usageBytes: number | null; readonly maxBytes: number | 'max' | null } | undefined,
  pods: Pods,
  at: At,
): CgroupRow {
  const { name, podName } = namesOf(path, pods);
  return {
    id,
    path,
    name,
    pod: podName,
    usageBytes: sample?.usageBytes ?? null,
    maxBytes: sample?.maxBytes ?? null,
    growthBytes: growthOf(at, id),
    stallShare: stallShare(at, id),
  };
}

interface Names {
  readonly name: string;
  readonly podName: string | null;
}

/** Paths are read again each second, and hardly ever change. */
let known: { readonly pods: Pods; readonly names: Map<string, Names> } = { pods: new Map(), names: new Map() };
const MAX_KNOWN = 20_000;

function namesOf(path: string, pods: Pods): Names {
  if (known.pods !== pods || known.names.size > MAX_KNOWN) known = { pods, names: new Map() };
  const before = known.names.get(path);
  if (before !== undefined) return before;
  const workload = workloadOf(path, pods);
  const podName =
    workload === null || workload.podUid === null
      ? null
      : workloadName({ ...workload, containerId: null, container: null });
  const names = { name: nameOf(path, workload?.container ?? null, workload?.containerId ?? null, podName), podName };
  known.names.set(path, names);
  return names;
}

/** The container's name, or what the end of the path says. */
function nameOf(path: string, container: string | null, containerId: string | null, pod: string | null): string {
  if (container !== null) return visible(container);
  if (containerId !== null) return containerId.slice(0, 12);
  if (pod !== null) return 'the whole pod';
  return visible(path.slice(path.lastIndexOf('/') + 1));
}

function growthOf({ series, nowUs }: At, id: number): number | null {
  const now = series.valueAt('sample', id, 'usageBytes', nowUs);
  const before = series.valueAt('sample', id, 'usageBytes', nowUs - GROWTH_US);
  return now === null || before === null ? null : now - before;
}

function stallShare({ series, nowUs }: At, id: number): number | null {
  const stalled = series.total('stalls', id, 'stallUs', nowUs - PRESSURE_US, nowUs) ?? 0;
  // Without the hooks of the kernel there is still PSI.
  const lost = stalled > 0 ? stalled : series.total('pressure', id, 'someUs', nowUs - PRESSURE_US, nowUs);
  return lost === null ? null : lost / PRESSURE_US;
}

function weight(row: CgroupRow, order: Order): number {
  switch (order) {
    case 'usage':
      return row.usageBytes ?? -1;
    case 'growth':
      return row.growthBytes ?? Number.NEGATIVE_INFINITY;
    case 'pressure':
      return row.stallShare ?? -1;
  }
}

/** Each pod's rows where its first one stands. */
function together(rows: readonly CgroupRow[]): CgroupRow[] {
  const groups = new Map<string, CgroupRow[]>();
  for (const row of rows) {
    const key = row.pod ?? row.path;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].flat();
}

function parentPaths({ cgroups }: MemoryState): ReadonlySet<string> {
  const parents = new Set<string>();
  for (const { path } of cgroups.values()) {
    if (path !== null) parents.add(path.slice(0, path.lastIndexOf('/')));
  }
  return parents;
}
