/** Reclaim since the last reading, added up in the kernel. Cgroups without a row had none. */
export interface ReclaimEvent {
  readonly topic: '/reclaim';
  readonly tUs: number;
  readonly cgroups: readonly CgroupReclaim[];
  /** Null = it did not run, or is not watched. */
  readonly kswapd: KswapdActivity | null;
}

/** Reclaim for the sake of a cgroup's limit (memory.max, memory.high, memory.reclaim). Source: try_to_free_mem_cgroup_pages(). */
export interface CgroupReclaim {
  /** The cgroup whose memory was reclaimed. */
  readonly id: number;
  readonly spanUs: number;
  readonly runs: number;
  /** In which tasks waited for it, added up. */
  readonly reclaimUs: number;
  readonly askedBytes: number;
  readonly freedBytes: number;
  /** Runs by how long they took: [0] is below 1 µs, [n] from 2^(n−1) to below 2^n µs. Zeros at the end are left out. */
  readonly latencyCounts: readonly number[];
}

/** Source: balance_pgdat(). */
export interface KswapdActivity {
  readonly spanUs: number;
  readonly runs: number;
  readonly activeUs: number;
}
