import type { CgroupMemory } from '../../events/cgroup.js';
import type { CgroupSample } from '../../events/memory-sample.js';
import type { CgroupStat } from '../../events/memory-stat.js';
import type { NodeEvent } from '../../events/node.js';
import type { CgroupPressure } from '../../events/pressure.js';
import type { CgroupReclaim } from '../../events/reclaim.js';
import type { CgroupThrottle } from '../../events/throttle.js';

/** Which field of a record stands in which column. Names are for ever: scripts select by them. */
type Columns<T> = Readonly<Record<string, keyof T>>;

export const EPISODE = {
  usage_bytes: 'usageBytes',
  swap_bytes: 'swapBytes',
  max_bytes: 'maxBytes',
  high_bytes: 'highBytes',
  swap_max_bytes: 'swapMaxBytes',
} as const satisfies Columns<CgroupMemory>;

export const SAMPLE = {
  usage_bytes: 'usageBytes',
  swap_bytes: 'swapBytes',
  max_bytes: 'maxBytes',
  high_bytes: 'highBytes',
  low_bytes: 'lowBytes',
  min_bytes: 'minBytes',
} as const satisfies Columns<CgroupSample>;

export const STAT = {
  anon_bytes: 'anonBytes',
  file_bytes: 'fileBytes',
  active_file_bytes: 'activeFileBytes',
  inactive_file_bytes: 'inactiveFileBytes',
  mapped_file_bytes: 'mappedFileBytes',
  dirty_file_bytes: 'dirtyFileBytes',
  shmem_bytes: 'shmemBytes',
  kernel_bytes: 'kernelBytes',
  slab_reclaimable_bytes: 'slabReclaimableBytes',
  slab_unreclaimable_bytes: 'slabUnreclaimableBytes',
  page_table_bytes: 'pageTableBytes',
  sock_bytes: 'sockBytes',
  unevictable_bytes: 'unevictableBytes',
  zswap_bytes: 'zswapBytes',
  working_set_bytes: 'workingSetBytes',
} as const satisfies Columns<CgroupStat>;

export const PRESSURE = {
  pressure_span_us: 'spanUs',
  psi_some_us: 'someUs',
  psi_full_us: 'fullUs',
  stall_us: 'stallUs',
  stalls: 'stalls',
} as const satisfies Columns<CgroupPressure>;

export const RECLAIM = {
  reclaim_span_us: 'spanUs',
  reclaim_runs: 'runs',
  reclaim_us: 'reclaimUs',
  reclaim_asked_bytes: 'askedBytes',
  reclaim_freed_bytes: 'freedBytes',
} as const satisfies Columns<CgroupReclaim>;

export const THROTTLE = {
  throttle_span_us: 'spanUs',
  throttle_sleeps: 'sleeps',
  throttle_us: 'sleepUs',
} as const satisfies Columns<CgroupThrottle>;

export const NODE = {
  mem_total_bytes: 'memTotalBytes',
  mem_free_bytes: 'memFreeBytes',
  mem_available_bytes: 'memAvailableBytes',
  kubelet_available_bytes: 'kubeletAvailableBytes',
  cached_bytes: 'cachedBytes',
  node_anon_bytes: 'anonBytes',
  node_shmem_bytes: 'shmemBytes',
  swap_total_bytes: 'swapTotalBytes',
  swap_free_bytes: 'swapFreeBytes',
} as const satisfies Columns<NodeEvent>;

/** What says of when and whom a row is. */
export const WHERE = ['time', 't_us', 'cgroup_id', 'cgroup', 'source'] as const;

/** Every column once, in the order of the header. */
export const AMOUNTS: readonly string[] = [
  ...new Set([EPISODE, SAMPLE, STAT, PRESSURE, RECLAIM, THROTTLE, NODE].flatMap((columns) => Object.keys(columns))),
];
