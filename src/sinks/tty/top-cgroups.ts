import type { CgroupEvent } from '../../events/cgroup-life.js';
import type { CgroupSample } from '../../events/memory-sample.js';
import type { MemoryState } from '../../model/memory-state.js';
import type { SeriesStore } from '../../model/series/series.js';

/** How far back pressure counts. */
export const PRESSURE_WINDOW_US = 10_000_000;
/** Below this a cgroup is not under pressure: some task stalls now and then everywhere. */
const MIN_PRESSURE = 0.01;

export interface TopCgroup {
  readonly sample: CgroupSample;
  readonly path: string | null;
  /** Part of the time in which some task was stalled; null = no PSI for it. */
  readonly someShare: number | null;
}

/**
 * The cgroups that a person should see: those under pressure first, then by usage. Only those that hold memory
 * themselves or have a limit: what lies above them would say the same again.
 */
export function topCgroups(memory: MemoryState, series: SeriesStore, nowUs: number, count: number): TopCgroup[] {
  const inner = innerPaths(memory.cgroups);
  const withPressure = new Set(series.ids('pressure'));
  const shown: TopCgroup[] = [];
  for (const sample of memory.samples.values()) {
    const path = memory.cgroups.get(sample.id)?.path ?? null;
    const hasLimit = typeof sample.maxBytes === 'number' || typeof sample.highBytes === 'number';
    if (path === '/' || (path !== null && inner.has(path) && !hasLimit)) continue;
    // No row is no pressure, unless nobody looks.
    const none = memory.pressure === null ? null : 0;
    const someShare = withPressure.has(sample.id) ? someShareOf(series, sample.id, nowUs) : none;
    shown.push({ sample, path, someShare });
  }
  return shown.toSorted(byUrgency).slice(0, count);
}

function someShareOf(series: SeriesStore, id: number, nowUs: number): number | null {
  const someUs = series.total('pressure', id, 'someUs', nowUs - PRESSURE_WINDOW_US, nowUs);
  return someUs === null ? null : someUs / PRESSURE_WINDOW_US;
}

function byUrgency(a: TopCgroup, b: TopCgroup): number {
  const pressure = (cgroup: TopCgroup) => {
    const share = cgroup.someShare ?? 0;
    return share < MIN_PRESSURE ? 0 : share;
  };
  const usage = (cgroup: TopCgroup) => cgroup.sample.usageBytes ?? -1;
  return pressure(b) - pressure(a) || usage(b) - usage(a) || a.sample.id - b.sample.id;
}

const known = new WeakMap<MemoryState['cgroups'], ReadonlySet<string>>();

/** The paths that have a cgroup below them. The map changes only when a cgroup comes or goes. */
function innerPaths(cgroups: ReadonlyMap<number, CgroupEvent>): ReadonlySet<string> {
  const found = known.get(cgroups);
  if (found !== undefined) return found;
  const inner = new Set<string>();
  for (const { path } of cgroups.values()) {
    const end = path?.lastIndexOf('/') ?? -1;
    if (path !== null && end > 0) inner.add(path.slice(0, end));
  }
  known.set(cgroups, inner);
  return inner;
}
