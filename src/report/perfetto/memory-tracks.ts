import type { CgroupMemory } from '../../events/cgroup.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { CgroupSample } from '../../events/memory-sample.js';
import type { CgroupStat } from '../../events/memory-stat.js';
import type { NodeEvent } from '../../events/node.js';
import type { PressureEvent } from '../../events/pressure.js';
import type { ReclaimEvent } from '../../events/reclaim.js';
import type { ThrottleEvent } from '../../events/throttle.js';
import { CgroupNames } from '../cgroup-names.js';
import type { BootTimes } from './boot-times.js';
import { Stretches } from './stretches.js';
import type { Track, TrackWriter } from './tracks.js';

/** Counters by their name on the track, and the field that they show. */
const SAMPLE = {
  usage: 'usageBytes',
  swap: 'swapBytes',
  max: 'maxBytes',
  high: 'highBytes',
} as const satisfies Record<string, keyof CgroupSample & keyof CgroupMemory>;

const STAT = {
  anon: 'anonBytes',
  file: 'fileBytes',
  'inactive file': 'inactiveFileBytes',
  shmem: 'shmemBytes',
  kernel: 'kernelBytes',
  'working set': 'workingSetBytes',
} as const satisfies Record<string, keyof CgroupStat>;

const NODE = {
  free: 'memFreeBytes',
  available: 'memAvailableBytes',
  'available to kubelet': 'kubeletAvailableBytes',
  'swap free': 'swapFreeBytes',
} as const satisfies Record<string, keyof NodeEvent>;

/** What memory did over time: a group of tracks for each cgroup and for the node, with counters, stalls and reclaim. */
export class MemoryTracks {
  readonly #names = new CgroupNames();
  readonly #stretches: Stretches;

  constructor(
    private readonly out: TrackWriter,
    private readonly times: BootTimes,
  ) {
    this.#stretches = new Stretches(out);
  }

  /** Takes any event, for the names in it. */
  learn(event: OomscopeEvent): void {
    this.#names.learn(event);
  }

  /** What the kernel read at a kill. */
  atKill(cgroup: CgroupMemory, atUs: number): void {
    // A log has paths alone.
    const key = cgroup.id ?? cgroup.path;
    if (key === null) return;
    const group = this.#group(key, cgroup.path ?? `cgroup ${key}`);
    this.#count(group, atUs, cgroup, SAMPLE);
  }

  sample(tUs: number, cgroups: readonly CgroupSample[]): void {
    for (const cgroup of cgroups) this.#count(this.#cgroup(cgroup.id), this.times.at(tUs), cgroup, SAMPLE);
  }

  stat(tUs: number, cgroups: readonly CgroupStat[]): void {
    for (const cgroup of cgroups) this.#count(this.#cgroup(cgroup.id), this.times.at(tUs), cgroup, STAT);
  }

  node(event: NodeEvent): void {
    this.#count(this.#node(), this.times.at(event.tUs), event, NODE);
  }

  pressure({ tUs, node, cgroups }: PressureEvent): void {
    if (node !== null && node.someUs > 0) {
      const sums = { psi_some_us: node.someUs, psi_full_us: node.fullUs };
      this.#stretch(this.#node(), 'stalls', tUs, node.spanUs, 'waiting for memory', sums);
    }
    for (const { id, spanUs, someUs, fullUs, stallUs, stalls } of cgroups) {
      if ((stallUs ?? 0) === 0 && (someUs ?? 0) === 0) continue;
      const sums = known({ psi_some_us: someUs, psi_full_us: fullUs, stall_us: stallUs, stalls });
      this.#stretch(this.#cgroup(id), 'stalls', tUs, spanUs, 'waiting for memory', sums);
    }
  }

  reclaim({ tUs, cgroups, kswapd }: ReclaimEvent): void {
    for (const { id, spanUs, runs, reclaimUs, askedBytes, freedBytes } of cgroups) {
      const sums = { runs, reclaim_us: reclaimUs, asked_bytes: askedBytes, freed_bytes: freedBytes };
      this.#stretch(this.#cgroup(id), 'reclaim', tUs, spanUs, 'reclaim', sums);
    }
    if (kswapd === null) return;
    const sums = { runs: kswapd.runs, active_us: kswapd.activeUs };
    this.#stretch(this.#node(), 'kswapd', tUs, kswapd.spanUs, 'kswapd', sums);
  }

  throttle({ tUs, cgroups }: ThrottleEvent): void {
    for (const { id, spanUs, sleeps, sleepUs } of cgroups) {
      this.#stretch(this.#cgroup(id), 'throttling', tUs, spanUs, 'above memory.high', { sleeps, sleep_us: sleepUs });
    }
  }

  /** Closes what is still open. */
  end(): void {
    this.#stretches.endAll();
  }

  nameOf(id: number | null): string {
    return id === null ? 'the node' : (this.#names.pathOf(id) ?? `cgroup ${id}`);
  }

  #cgroup(id: number): Group {
    return this.#group(id, this.nameOf(id));
  }

  #group(key: number | string, name: string): Group {
    const parent = this.out.track('cgroups', 'cgroups', null);
    const prefix = `cgroup/${this.times.boot}/${key}`;
    return { track: this.out.track(prefix, name, parent), prefix, name };
  }

  #node(): Group {
    return { track: this.out.track('node', 'node', null), prefix: 'node', name: 'the node' };
  }

  #count<T extends object>(group: Group, atUs: number, record: T, fields: Readonly<Record<string, keyof T>>): void {
    for (const [what, field] of Object.entries(fields)) {
      const bytes = record[field];
      // No limit is no line, and neither is what is not known.
      if (typeof bytes !== 'number') continue;
      const track = this.out.bytes(`${group.prefix}/${what}`, `${what} of ${group.name}`, group.track);
      this.out.count(track, atUs, bytes);
    }
  }

  #stretch(
    group: Group,
    what: string,
    tUs: number,
    spanUs: number,
    name: string,
    sums: Readonly<Record<string, number>>,
  ): void {
    const track = this.out.track(`${group.prefix}/${what}`, `${what} of ${group.name}`, group.track);
    const toUs = this.times.at(tUs);
    const fromUs = Math.max(0, toUs - spanUs);
    this.#stretches.add(track, { fromUs, toUs, category: what, name, sums });
  }
}

/** Tracks that stand together. */
interface Group {
  readonly track: Track;
  readonly prefix: string;
  readonly name: string;
}

function known(amounts: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).filter((entry): entry is [string, number] => entry[1] !== null));
}
