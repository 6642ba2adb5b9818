/** A process as the OOM killer sees it. Source: `struct task_facts` in bpf/events.h, or a kernel log. */
export interface ProcessFacts {
  /** The process id (the kernel's tgid), in the host's pid namespace. Where only `tid` is known it stands here too: in tracepoint mode, and in some logs. */
  readonly pid: number;
  /** The thread that was meant (the kernel's pid). */
  readonly tid: number;
  /** Null = not known. */
  readonly uid: number | null;
  /** At most 15 bytes; bytes that are not UTF-8 read as U+FFFD. */
  readonly comm: string;
  /** Start of the process, µs since boot. With `pid` it names the process for good. Null = not seen (tracepoints, logs). */
  readonly startUs: number | null;
  /** oom_score_adj, −1000 … 1000; null = not known. */
  readonly adj: number | null;
  /** Null = not seen (tracepoints, logs). */
  readonly cgroupId: number | null;
  /** Path below the cgroup mount ("/kubepods/pod1/app"); null = not known. */
  readonly cgroupPath: string | null;
}

/** The task that asked for memory. A log may give its name and nothing that tells which process it is. */
export interface TriggerFacts extends Omit<ProcessFacts, 'pid' | 'tid'> {
  readonly pid: number | null;
  readonly tid: number | null;
}

/**
 * Counters of one address space. Source: `struct mm_facts` in bpf/events.h, pages made bytes; or a kernel log, where any
 * of them can be null: not known.
 */
export interface ProcessMemory {
  /** All that is resident, where its parts are not all known (logs of kernels before 6.8); else null: it is their sum. */
  readonly rssBytes: number | null;
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
  readonly swapBytes: number | null;
  readonly pageTableBytes: number | null;
}
