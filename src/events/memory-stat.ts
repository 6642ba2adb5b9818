/**
 * What the memory of cgroups consists of, and what the kernel did to them. Source: memory.stat, memory.events and
 * memory.events.local; on cgroup v1 the `total_*` lines of memory.stat. Cgroups without a row were not read this time.
 */
export interface MemoryStatEvent {
  readonly topic: '/memory/stat';
  readonly tUs: number;
  readonly cgroups: readonly CgroupStat[];
  /**
   * memory.events: what happened in each cgroup *and below it* since its last reading. A cgroup without a row had
   * nothing. Null = this host cannot say.
   */
  readonly events: readonly MemoryEventCounts[] | null;
  /** memory.events.local: the same, in the cgroup itself. */
  readonly eventsLocal: readonly MemoryEventCounts[] | null;
}

/** The whole subtree of a cgroup, as memory.stat has it. Null = this kernel or hierarchy does not say. */
export interface CgroupStat {
  readonly id: number;
  readonly anonBytes: number | null;
  /** Page cache, shmem included, as in the kernel's file. */
  readonly fileBytes: number | null;
  readonly activeFileBytes: number | null;
  readonly inactiveFileBytes: number | null;
  readonly mappedFileBytes: number | null;
  readonly dirtyFileBytes: number | null;
  readonly writebackFileBytes: number | null;
  /** tmpfs and shared memory: it stands in `fileBytes` as well, and without swap it cannot be reclaimed. */
  readonly shmemBytes: number | null;
  /** All that the kernel holds for it: slab, page tables, stacks, per-CPU data. */
  readonly kernelBytes: number | null;
  readonly slabReclaimableBytes: number | null;
  readonly slabUnreclaimableBytes: number | null;
  readonly pageTableBytes: number | null;
  readonly sockBytes: number | null;
  readonly unevictableBytes: number | null;
  readonly swapBytes: number | null;
  /** Memory that zswap takes for what it has compressed. */
  readonly zswapBytes: number | null;
  /** Usage minus inactive file, never below 0: what kubelet and `kubectl top` call working set. */
  readonly workingSetBytes: number | null;
}

/** Growth of each counter; null = this hierarchy has no such counter. */
export interface MemoryEventCounts {
  readonly id: number;
  /** Reclaimed although its usage was below memory.low. */
  readonly low: number | null;
  /** Throttled since its usage was above memory.high. */
  readonly high: number | null;
  /** Its usage was about to go over memory.max (v1: memory.failcnt). */
  readonly max: number | null;
  /** The limit was hit and reclaim did not help: a kill was considered. */
  readonly oom: number | null;
  /** Processes killed by any kind of OOM killer. */
  readonly oomKill: number | null;
  /** Group kills. */
  readonly oomGroupKill: number | null;
}
