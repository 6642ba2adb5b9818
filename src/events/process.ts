/** A process as the OOM killer sees it. Source: `struct task_facts` in bpf/events.h. */
export interface ProcessFacts {
  /** The process id (the kernel's tgid), in the host's pid namespace. In tracepoint mode only `tid` is known and stands here too. */
  readonly pid: number;
  /** The thread that was meant (the kernel's pid). */
  readonly tid: number;
  readonly uid: number;
  /** At most 15 bytes; bytes that are not UTF-8 read as U+FFFD. */
  readonly comm: string;
  /** Start of the process, µs since boot. With `pid` it names the process for good. Null = not seen (tracepoint mode). */
  readonly startUs: number | null;
  /** oom_score_adj, −1000 … 1000. */
  readonly adj: number;
  /** Null = not seen (tracepoint mode). */
  readonly cgroupId: number | null;
  /** Path below the cgroup mount ("/kubepods/pod1/app"); null = not known. */
  readonly cgroupPath: string | null;
}

/** Counters of one address space. Source: `struct mm_facts` in bpf/events.h, pages made bytes. */
export interface ProcessMemory {
  readonly rssAnonBytes: number;
  readonly rssFileBytes: number;
  readonly rssShmemBytes: number;
  readonly swapBytes: number;
  readonly pageTableBytes: number;
}
