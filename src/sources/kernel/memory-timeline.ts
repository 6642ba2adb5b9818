import { plural } from '../../base/units.js';
import type { OomscopeEvent } from '../../events/event.js';
import { enums } from '../../events/layout.gen.js';
import type { LossEvent } from '../../events/loss.js';
import type { CgroupStat, MemoryEventCounts, MemoryStatEvent } from '../../events/memory-stat.js';
import type { NodeEvent } from '../../events/node.js';
import type { CgroupPressure, PressureEvent, PsiGrowth } from '../../events/pressure.js';
import type { CgroupReclaim, KswapdActivity } from '../../events/reclaim.js';
import type { CgroupThrottle } from '../../events/throttle.js';
import { type Readings, Since } from './growth.js';
import type { FieldValues, PressureSums } from './memory-records.js';
import type { KernelRecord } from './records.js';

export type MemoryRecord = Extract<KernelRecord, { kind: 'sample' | 'stat' | 'pressure' | 'node' }>;

type StatField = keyof typeof enums.stat_field;
type NodeField = keyof typeof enums.node_field;

/** Makes events of what the sampling thread read. Remembers the last readings: events tell growth. Pure. */
export class MemoryTimeline {
  private readonly stats = new Since();
  private readonly sums = new Since();
  private readonly node = new Since();
  private mostRefused = 0;

  constructor(
    private readonly pageSizeBytes: number,
    /** Which hooks are attached: without them their sums are not known, rather than zero. */
    private readonly hooks: { readonly stalls: boolean },
  ) {}

  toEvents(record: MemoryRecord): OomscopeEvent[] {
    switch (record.kind) {
      case 'sample':
        return [...sampleEvents(record), ...this.refusals(record)];
      case 'stat':
        return this.statEvents(record);
      case 'pressure':
        return this.pressureEvents(record);
      case 'node':
        return this.nodeEvents(record);
    }
  }

  /** A new cgroup: what its first reading says has happened since now. */
  begin(id: number, tUs: number): void {
    this.stats.begin(id, tUs);
  }

  /** A cgroup that is gone needs no memory here. */
  forget(id: number): void {
    this.stats.forget(id);
    this.sums.forget(id);
  }

  /** Told when there are more of them than ever: each walk has no room for the same ones again. */
  private refusals({ tUs, cgroupsRefused }: Extract<MemoryRecord, { kind: 'sample' }>): LossEvent[] {
    const count = cgroupsRefused - this.mostRefused;
    if (count <= 0) return [];
    this.mostRefused = cgroupsRefused;
    const meaning = `${plural(count, 'cgroup')} more than the kernel side has room for: they have no samples`;
    return [{ topic: '/loss', tUs, where: 'kernel-map', count, meaning }];
  }

  private statEvents({ tUs, cgroups }: Extract<MemoryRecord, { kind: 'stat' }>): OomscopeEvent[] {
    const events: MemoryEventCounts[] = [];
    const eventsLocal: MemoryEventCounts[] = [];
    const pressures: CgroupPressure[] = [];
    let knowsEvents = false;
    let knowsLocal = false;
    for (const { id, values } of cgroups) {
      const readings = Object.fromEntries(GROWING.map((field) => [field, stat(values, field)])) as Readings;
      knowsEvents ||= stat(values, 'STAT_EVENT_OOM_KILL') !== null;
      knowsLocal ||= stat(values, 'STAT_LOCAL_OOM_KILL') !== null;
      const growth = this.stats.grow(id, tUs, readings);
      if (growth === null) continue;
      const grown = (field: StatField) => growth.by[field] ?? null;
      const counts = eventCounts(id, grown, 'STAT_EVENT');
      if (counts !== null) events.push(counts);
      const local = eventCounts(id, grown, 'STAT_LOCAL');
      if (local !== null) eventsLocal.push(local);
      const [someUs, fullUs] = [grown('STAT_PSI_SOME_US'), grown('STAT_PSI_FULL_US')];
      if ((someUs ?? 0) > 0 || (fullUs ?? 0) > 0) {
        pressures.push({ id, spanUs: growth.spanUs, someUs, fullUs, stallUs: null, stalls: null });
      }
    }
    const told: MemoryStatEvent = {
      topic: '/memory/stat',
      tUs,
      cgroups: cgroups.map(({ id, values }) => cgroupStat(id, values)),
      events: knowsEvents ? events : null,
      eventsLocal: knowsLocal ? eventsLocal : null,
    };
    if (pressures.length === 0) return [told];
    return [told, { topic: '/pressure', tUs, node: null, cgroups: pressures }];
  }

  private pressureEvents({ tUs, cgroups }: Extract<MemoryRecord, { kind: 'pressure' }>): OomscopeEvent[] {
    const pressures: CgroupPressure[] = [];
    const reclaims: CgroupReclaim[] = [];
    const throttles: CgroupThrottle[] = [];
    this.sums.look(tUs);
    for (const sums of cgroups) {
      const { spanUs, by } = this.sums.growFromZero(sums.id, tUs, flatten(sums));
      const grown = (name: string) => by[name] ?? 0;
      const { id } = sums;
      if (this.hooks.stalls && grown('stalls') > 0) {
        pressures.push({ id, spanUs, someUs: null, fullUs: null, stallUs: grown('stallUs'), stalls: grown('stalls') });
      }
      if (grown('reclaims') > 0) {
        reclaims.push({
          id,
          spanUs,
          runs: grown('reclaims'),
          reclaimUs: grown('reclaimUs'),
          askedBytes: grown('askedBytes'),
          freedBytes: grown('freedBytes'),
          latencyCounts: withoutZerosAtEnd(sums.latencyCounts.map((_, n) => grown(`latency${n}`))),
        });
      }
      if (grown('throttles') > 0) {
        throttles.push({ id, spanUs, sleeps: grown('throttles'), sleepUs: grown('throttleUs') });
      }
    }
    return [
      ...(pressures.length > 0 ? [{ topic: '/pressure', tUs, node: null, cgroups: pressures } as const] : []),
      ...(reclaims.length > 0 ? [{ topic: '/reclaim', tUs, cgroups: reclaims, kswapd: null } as const] : []),
      ...(throttles.length > 0 ? [{ topic: '/throttle', tUs, cgroups: throttles } as const] : []),
    ];
  }

  private nodeEvents({ tUs, values }: Extract<MemoryRecord, { kind: 'node' }>): OomscopeEvent[] {
    const value = (field: NodeField) => values[enums.node_field[field]] ?? null;
    const readings = Object.fromEntries(NODE_GROWING.map((field) => [field, value(field)])) as Readings;
    const growth = this.node.grow(0, tUs, readings);
    const event = nodeEvent(tUs, value, growth, this.pageSizeBytes);
    if (growth === null) return [event];
    return [event, ...psiEvent(tUs, growth), ...kswapdEvent(tUs, growth)];
  }
}

type Growth = NonNullable<ReturnType<Since['grow']>>;

function sampleEvents(record: Extract<MemoryRecord, { kind: 'sample' }>): OomscopeEvent[] {
  const { tUs, full, intervalUs, cgroupsRead, cgroups, ticksMissed, beforeUs, beforeIntervalUs } = record;
  const sample = {
    topic: '/memory/sample',
    tUs,
    kind: full ? 'full' : 'delta',
    intervalUs,
    cgroupsRead,
    cgroups,
  } as const;
  const changesPace = intervalUs !== beforeIntervalUs;
  const told = full || cgroups.length > 0 || changesPace ? [sample] : [];
  if (ticksMissed === 0) return told;
  return [{ topic: '/gap', tUs, fromUs: beforeUs, intervalUs: beforeIntervalUs, ticksMissed }, ...told];
}

const stat = (values: FieldValues, field: StatField) => values[enums.stat_field[field]] ?? null;

const GROWING = (Object.keys(enums.stat_field) as StatField[]).filter(
  (field) => field.startsWith('STAT_PSI') || field.startsWith('STAT_EVENT') || field.startsWith('STAT_LOCAL'),
);

const NODE_GROWING = (Object.keys(enums.node_field) as NodeField[]).filter(
  (field) => enums.node_field[field] >= enums.node_field.NODE_SCANNED_DIRECT && field !== 'NODE_FIELDS',
);

function cgroupStat(id: number, values: FieldValues): CgroupStat {
  const of = (field: StatField) => stat(values, field);
  const [usage, inactive] = [of('STAT_USAGE'), of('STAT_INACTIVE_FILE')];
  return {
    id,
    anonBytes: of('STAT_ANON'),
    fileBytes: of('STAT_FILE'),
    activeFileBytes: of('STAT_ACTIVE_FILE'),
    inactiveFileBytes: inactive,
    mappedFileBytes: of('STAT_MAPPED_FILE'),
    dirtyFileBytes: of('STAT_DIRTY_FILE'),
    writebackFileBytes: of('STAT_WRITEBACK_FILE'),
    shmemBytes: of('STAT_SHMEM'),
    kernelBytes: of('STAT_KERNEL'),
    slabReclaimableBytes: of('STAT_SLAB_RECLAIMABLE'),
    slabUnreclaimableBytes: of('STAT_SLAB_UNRECLAIMABLE'),
    pageTableBytes: of('STAT_PAGE_TABLES'),
    sockBytes: of('STAT_SOCK'),
    unevictableBytes: of('STAT_UNEVICTABLE'),
    swapBytes: of('STAT_SWAP'),
    zswapBytes: of('STAT_ZSWAP'),
    workingSetBytes: usage === null || inactive === null ? null : Math.max(0, usage - inactive),
  };
}

/** Null = nothing happened, or nothing is known. */
function eventCounts(
  id: number,
  grown: (field: StatField) => number | null,
  prefix: 'STAT_EVENT' | 'STAT_LOCAL',
): MemoryEventCounts | null {
  const counts = {
    id,
    low: grown(`${prefix}_LOW`),
    high: grown(`${prefix}_HIGH`),
    max: grown(`${prefix}_MAX`),
    oom: grown(`${prefix}_OOM`),
    oomKill: grown(`${prefix}_OOM_KILL`),
    oomGroupKill: grown(`${prefix}_OOM_GROUP_KILL`),
  };
  const { id: _, ...numbers } = counts;
  return Object.values(numbers).some((count) => (count ?? 0) > 0) ? counts : null;
}

function flatten(sums: PressureSums): Readings {
  const { id: _, latencyCounts, ...rest } = sums;
  const readings: Record<string, number> = { ...rest };
  for (const [n, count] of latencyCounts.entries()) readings[`latency${n}`] = count;
  return readings;
}

function withoutZerosAtEnd(counts: readonly number[]): number[] {
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}

function psiEvent(tUs: number, { spanUs, by }: Growth): PressureEvent[] {
  const [someUs, fullUs] = [by['NODE_PSI_SOME_US'] ?? null, by['NODE_PSI_FULL_US'] ?? null];
  if (someUs === null || fullUs === null || (someUs === 0 && fullUs === 0)) return [];
  const node: PsiGrowth = { spanUs, someUs, fullUs };
  return [{ topic: '/pressure', tUs, node, cgroups: [] }];
}

function kswapdEvent(tUs: number, { spanUs, by }: Growth): OomscopeEvent[] {
  const [runs, activeNs] = [by['NODE_KSWAPD_RUNS'] ?? 0, by['NODE_KSWAPD_NS'] ?? 0];
  if (runs === 0) return [];
  const kswapd: KswapdActivity = { spanUs, runs, activeUs: Math.round(activeNs / 1000) };
  return [{ topic: '/reclaim', tUs, cgroups: [], kswapd }];
}

function nodeEvent(
  tUs: number,
  value: (field: NodeField) => number | null,
  growth: Growth | null,
  pageSizeBytes: number,
): NodeEvent {
  const total = value('NODE_MEM_TOTAL') ?? 0;
  const [usage, inactive] = [value('NODE_ROOT_USAGE'), value('NODE_ROOT_INACTIVE_FILE')];
  const grown = (field: NodeField) => growth?.by[field] ?? null;
  const pages = (field: NodeField) => {
    const count = grown(field);
    return count === null ? null : count * pageSizeBytes;
  };
  return {
    topic: '/node',
    tUs,
    memTotalBytes: total,
    memFreeBytes: value('NODE_MEM_FREE') ?? 0,
    memAvailableBytes: value('NODE_MEM_AVAILABLE'),
    kubeletAvailableBytes: usage === null || inactive === null ? null : total - Math.max(0, usage - inactive),
    buffersBytes: value('NODE_BUFFERS') ?? 0,
    cachedBytes: value('NODE_CACHED') ?? 0,
    activeAnonBytes: value('NODE_ACTIVE_ANON'),
    inactiveAnonBytes: value('NODE_INACTIVE_ANON'),
    activeFileBytes: value('NODE_ACTIVE_FILE'),
    inactiveFileBytes: value('NODE_INACTIVE_FILE'),
    unevictableBytes: value('NODE_UNEVICTABLE'),
    anonBytes: value('NODE_ANON'),
    mappedBytes: value('NODE_MAPPED'),
    shmemBytes: value('NODE_SHMEM'),
    dirtyBytes: value('NODE_DIRTY'),
    writebackBytes: value('NODE_WRITEBACK'),
    slabReclaimableBytes: value('NODE_SLAB_RECLAIMABLE'),
    slabUnreclaimableBytes: value('NODE_SLAB_UNRECLAIMABLE'),
    kernelStackBytes: value('NODE_KERNEL_STACK'),
    pageTableBytes: value('NODE_PAGE_TABLES'),
    percpuBytes: value('NODE_PERCPU'),
    hugetlbBytes: value('NODE_HUGETLB'),
    committedBytes: value('NODE_COMMITTED'),
    swapTotalBytes: value('NODE_SWAP_TOTAL') ?? 0,
    swapFreeBytes: value('NODE_SWAP_FREE') ?? 0,
    swapCachedBytes: value('NODE_SWAP_CACHED'),
    activity:
      growth === null
        ? null
        : {
            spanUs: growth.spanUs,
            directScannedBytes: pages('NODE_SCANNED_DIRECT'),
            directFreedBytes: pages('NODE_FREED_DIRECT'),
            kswapdScannedBytes: pages('NODE_SCANNED_KSWAPD'),
            kswapdFreedBytes: pages('NODE_FREED_KSWAPD'),
            swapInBytes: pages('NODE_SWAPPED_IN'),
            swapOutBytes: pages('NODE_SWAPPED_OUT'),
            fileRefaultBytes: pages('NODE_FILE_REFAULTS'),
            allocStalls: grown('NODE_ALLOC_STALLS'),
            majorFaults: grown('NODE_MAJOR_FAULTS'),
            oomKills: grown('NODE_OOM_KILLS'),
          },
  };
}
