/** The node's memory. Source: /proc/meminfo, /proc/vmstat, the root cgroup. Null = this kernel does not say. */
export interface NodeEvent {
  readonly topic: '/node';
  readonly tUs: number;
  readonly memTotalBytes: number;
  readonly memFreeBytes: number;
  /** The kernel's own estimate of what can be had without swapping. */
  readonly memAvailableBytes: number | null;
  /** memory.available as kubelet computes it: capacity minus the root cgroup's working set. Its thresholds mean this one. */
  readonly kubeletAvailableBytes: number | null;
  readonly buffersBytes: number;
  /** Page cache, shmem included. */
  readonly cachedBytes: number;
  readonly activeAnonBytes: number | null;
  readonly inactiveAnonBytes: number | null;
  readonly activeFileBytes: number | null;
  readonly inactiveFileBytes: number | null;
  readonly unevictableBytes: number | null;
  readonly anonBytes: number | null;
  readonly mappedBytes: number | null;
  readonly shmemBytes: number | null;
  readonly dirtyBytes: number | null;
  readonly writebackBytes: number | null;
  readonly slabReclaimableBytes: number | null;
  readonly slabUnreclaimableBytes: number | null;
  readonly kernelStackBytes: number | null;
  readonly pageTableBytes: number | null;
  readonly percpuBytes: number | null;
  readonly hugetlbBytes: number | null;
  readonly committedBytes: number | null;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
  readonly swapCachedBytes: number | null;
  /** Since the last such event; null in the first. */
  readonly activity: NodeActivity | null;
}

/** Growth of /proc/vmstat's counters. */
export interface NodeActivity {
  /** The time that it covers. */
  readonly spanUs: number;
  /** Looked at in search of something to free, and freed: by tasks that wait for memory, and by kswapd. */
  readonly directScannedBytes: number | null;
  readonly directFreedBytes: number | null;
  readonly kswapdScannedBytes: number | null;
  readonly kswapdFreedBytes: number | null;
  readonly swapInBytes: number | null;
  readonly swapOutBytes: number | null;
  /** File pages that were needed again soon after they had been thrown out. */
  readonly fileRefaultBytes: number | null;
  /** How often a task had to reclaim before it got its memory. */
  readonly allocStalls: number | null;
  readonly majorFaults: number | null;
  readonly oomKills: number | null;
}
