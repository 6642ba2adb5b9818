/** A limit: bytes, 'max' = there is none, null = not known. */
export type Limit = number | 'max' | null;

/**
 * A memory cgroup at one moment, from its page counters. Source: `struct cgroup_record` in bpf/events.h, or a kernel log.
 * Every amount is null where the counters could not be read; a limit is 'max' where there is none.
 */
export interface CgroupMemory {
  /** Null = not known: a log has paths only. */
  readonly id: number | null;
  /** Path below the cgroup mount ("/kubepods/pod1/app", the root is "/"); null = not known. */
  readonly path: string | null;
  /** True when the path was too long and its outermost parts are missing. */
  readonly pathTruncated: boolean;
  /** Depth: the root is 0; null = not known. */
  readonly level: number | null;
  readonly usageBytes: number | null;
  readonly maxBytes: Limit;
  readonly highBytes: Limit;
  readonly swapBytes: number | null;
  readonly swapMaxBytes: Limit;
  /** cgroup v1: swapBytes and swapMaxBytes count memory and swap together (memsw). */
  readonly swapIsMemsw: boolean;
  /** memory.oom.group is set; null = not known. */
  readonly oomGroup: boolean | null;
}
