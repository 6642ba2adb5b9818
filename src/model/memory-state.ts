import type { CgroupEvent } from '../events/cgroup-life.js';
import type { OomscopeEvent } from '../events/event.js';
import type { GapEvent } from '../events/gap.js';
import type { CgroupSample, MemorySampleEvent } from '../events/memory-sample.js';
import type { CgroupStat, MemoryStatEvent } from '../events/memory-stat.js';
import type { NearMissEvent } from '../events/near-miss.js';
import type { NodeEvent } from '../events/node.js';
import type { PressureEvent } from '../events/pressure.js';
import type { ProcessSampleEvent } from '../events/process-sample.js';
import type { ReclaimEvent } from '../events/reclaim.js';
import type { ThrottleEvent } from '../events/throttle.js';

/**
 * The newest values of all cgroups and of the node, and their names: what a reader needs to understand what comes next.
 * How it came to them is in series.ts.
 */
export interface MemoryState {
  /** The last event of each cgroup that is there, by id: its name. */
  readonly cgroups: ReadonlyMap<number, CgroupEvent>;
  /** Those that are gone, the newest MAX_GONE: who asks for their name has an older event in hand. */
  readonly gone: ReadonlyMap<number, CgroupEvent>;
  readonly samples: ReadonlyMap<number, CgroupSample>;
  readonly stats: ReadonlyMap<number, CgroupStat>;
  /** When, and in which rhythm, the newest sample was taken; null = none yet. */
  readonly sampled: { readonly tUs: number; readonly intervalUs: number } | null;
  /** When the newest breakdown was read. */
  readonly statUs: number | null;
  /** The newest MAX_NEAR_MISSES, oldest first. */
  readonly nearMisses: readonly NearMissEvent[];
  /** The newest event of each topic that tells what happened since the one before it. */
  readonly node: NodeEvent | null;
  readonly pressure: PressureEvent | null;
  readonly reclaim: ReclaimEvent | null;
  readonly throttle: ThrottleEvent | null;
  readonly gap: GapEvent | null;
  /** The newest processes that were told. */
  readonly processes: ProcessSampleEvent | null;
}

export const initialMemoryState: MemoryState = {
  cgroups: new Map(),
  gone: new Map(),
  samples: new Map(),
  stats: new Map(),
  sampled: null,
  statUs: null,
  nearMisses: [],
  node: null,
  pressure: null,
  reclaim: null,
  throttle: null,
  gap: null,
  processes: null,
};

/** More than any node has cgroups: a bound for streams that never say that one has gone. */
export const MAX_CGROUPS = 20_000;
export const MAX_GONE = 5_000;
export const MAX_NEAR_MISSES = 200;

/** The path of a cgroup, there or gone; null = not known. */
export function cgroupPath(state: MemoryState, id: number): string | null {
  return (state.cgroups.get(id) ?? state.gone.get(id))?.path ?? null;
}

/** The state after these events. Each map is copied once for all of them: there may be a thousand cgroups in a batch. */
export function foldMemory(state: MemoryState, events: readonly OomscopeEvent[]): MemoryState {
  const draft = new Draft(state);
  for (const event of events) draft.apply(event);
  return draft.state;
}

class Draft {
  #cgroups: Map<number, CgroupEvent> | null = null;
  #gone: Map<number, CgroupEvent> | null = null;
  #samples: Map<number, CgroupSample> | null = null;
  #stats: Map<number, CgroupStat> | null = null;

  constructor(public state: MemoryState) {}

  apply(event: OomscopeEvent): void {
    switch (event.topic) {
      case '/cgroup':
        this.#life(event);
        break;
      case '/memory/sample':
        this.#sample(event);
        break;
      case '/memory/stat':
        this.#stat(event);
        break;
      case '/node':
        this.#set({ node: event });
        break;
      case '/pressure':
        this.#set({ pressure: event });
        break;
      case '/reclaim':
        this.#set({ reclaim: event });
        break;
      case '/throttle':
        this.#set({ throttle: event });
        break;
      case '/gap':
        this.#set({ gap: event });
        break;
      case '/process':
        this.#set({ processes: event });
        break;
      case '/near-miss':
        this.#set({ nearMisses: [...this.state.nearMisses, event].slice(-MAX_NEAR_MISSES) });
        break;
    }
  }

  #life(event: CgroupEvent): void {
    const path = event.path ?? cgroupPath(this.state, event.id);
    const named = path === event.path ? event : { ...event, path };
    const cgroups = this.#ownCgroups();
    const gone = this.#ownGone();
    if (event.change === 'vanished') {
      put(gone, event.id, named, MAX_GONE);
      cgroups.delete(event.id);
      this.#ownSamples().delete(event.id);
      this.#ownStats().delete(event.id);
    } else {
      put(cgroups, event.id, named, MAX_CGROUPS);
      gone.delete(event.id);
    }
  }

  #sample({ tUs, kind, intervalUs, cgroups }: MemorySampleEvent): void {
    const samples = this.#ownSamples();
    if (kind === 'full') samples.clear();
    for (const row of this.#ofThose(cgroups)) put(samples, row.id, row, MAX_CGROUPS);
    this.#set({ sampled: { tUs, intervalUs } });
  }

  #stat({ tUs, cgroups }: MemoryStatEvent): void {
    const stats = this.#ownStats();
    for (const row of this.#ofThose(cgroups)) put(stats, row.id, row, MAX_CGROUPS);
    this.#set({ statUs: tUs });
  }

  /** Of cgroups that are there: one can have gone while the sample that still holds it was on its way. */
  #ofThose<Row extends { readonly id: number }>(rows: readonly Row[]): readonly Row[] {
    const { gone } = this.state;
    return gone.size === 0 ? rows : rows.filter(({ id }) => !gone.has(id));
  }

  #set(change: Partial<MemoryState>): void {
    this.state = { ...this.state, ...change };
  }

  #ownCgroups(): Map<number, CgroupEvent> {
    if (this.#cgroups === null) {
      this.#cgroups = new Map(this.state.cgroups);
      this.#set({ cgroups: this.#cgroups });
    }
    return this.#cgroups;
  }

  #ownGone(): Map<number, CgroupEvent> {
    if (this.#gone === null) {
      this.#gone = new Map(this.state.gone);
      this.#set({ gone: this.#gone });
    }
    return this.#gone;
  }

  #ownSamples(): Map<number, CgroupSample> {
    if (this.#samples === null) {
      this.#samples = new Map(this.state.samples);
      this.#set({ samples: this.#samples });
    }
    return this.#samples;
  }

  #ownStats(): Map<number, CgroupStat> {
    if (this.#stats === null) {
      this.#stats = new Map(this.state.stats);
      this.#set({ stats: this.#stats });
    }
    return this.#stats;
  }
}

/** As the newest; beyond `max` the oldest goes. */
function put<T>(map: Map<number, T>, id: number, value: T, max: number): void {
  map.delete(id);
  map.set(id, value);
  if (map.size <= max) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** The values of all cgroups and of the node, as events: what a reader needs who has missed some of those before. */
export function currentValues(state: MemoryState): OomscopeEvent[] {
  const { sampled, statUs } = state;
  const samples: MemorySampleEvent | null = sampled && {
    topic: '/memory/sample',
    tUs: sampled.tUs,
    kind: 'full',
    intervalUs: sampled.intervalUs,
    cgroupsRead: state.samples.size,
    cgroups: [...state.samples.values()],
  };
  const stats: MemoryStatEvent | null =
    statUs === null
      ? null
      : { topic: '/memory/stat', tUs: statUs, cgroups: [...state.stats.values()], events: null, eventsLocal: null };
  return [samples, stats, state.node].filter((event) => event !== null);
}

/** The events that, folded, give this state again. */
export function retainedMemory(state: MemoryState): OomscopeEvent[] {
  const { pressure, reclaim, throttle, gap, processes } = state;
  const newest = [pressure, reclaim, throttle, gap, processes].filter((event) => event !== null);
  // What went before what stays: of two with the same time the first is then the one that was there first.
  return [...state.gone.values(), ...state.cgroups.values(), ...state.nearMisses, ...currentValues(state), ...newest];
}
