import type { Limit } from './cgroup.js';

/**
 * The counters of cgroups at one tick. A row holds all of a cgroup's values; a cgroup without a row has those of its last
 * one. Source: `struct mem_cgroup`'s page counters by the BPF cgroup iterator, else its files.
 */
export interface MemorySampleEvent {
  readonly topic: '/memory/sample';
  readonly tUs: number;
  /** 'full' = a row for each cgroup there is. 'delta' = rows for those read in this tick whose values have changed. */
  readonly kind: 'full' | 'delta';
  /** How far ticks are apart now: a second while all is calm, down to 10 ms while cgroups are under pressure. */
  readonly intervalUs: number;
  /** How many cgroups were read in this tick, changed or not: between full walks only those under pressure. */
  readonly cgroupsRead: number;
  readonly cgroups: readonly CgroupSample[];
}

/** Null = the counter could not be read, or this hierarchy has none (cgroup v1 knows neither high nor low nor min). */
export interface CgroupSample {
  readonly id: number;
  readonly usageBytes: number | null;
  readonly swapBytes: number | null;
  readonly maxBytes: Limit;
  readonly highBytes: Limit;
  readonly lowBytes: Limit;
  readonly minBytes: Limit;
}
