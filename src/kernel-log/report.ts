// What a kernel log says about one run of the OOM killer. Everything that it does not say is null.

/** A moment as the log gives it: in one clock, in both, or in none. */
export interface LogTime {
  /** µs since boot. */
  readonly bootUs: number | null;
  /** µs since 1970. */
  readonly epochUs: number | null;
}

/** One OOM report. Amounts are bytes, save in the task table, which keeps the log's own pages. */
export interface OomReport {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly host: string | null;
  readonly bootId: string | null;
  /** Which boot of that host within the log, from 0. */
  readonly boot: number;
  readonly begin: LogTime;
  readonly end: LogTime;
  /** "6.1.0-18-amd64", from the stack dump or the boot banner. */
  readonly kernelRelease: string | null;
  /** The task that ran the OOM killer. */
  readonly trigger: ReportTrigger | null;
  readonly request: AllocationRequest | null;
  /** 'memcg': a cgroup's limit was hit; 'node': the machine's memory. */
  readonly scope: 'memcg' | 'node' | null;
  readonly constraint: LogConstraint | null;
  /** Of the trigger. */
  readonly cpuset: string | null;
  readonly memsAllowed: string | null;
  /** The cgroup whose limit was hit, with what the log says of its memory. */
  readonly limit: ReportLimit | null;
  readonly node: ReportNode | null;
  /** Swap of the machine: from this report, else the last that the log told since its boot. */
  readonly knownSwapBytes: number | null;
  readonly tasks: TaskTable | null;
  /** Cgroup of the chosen process. */
  readonly victimCgroup: string | null;
  /** Who was chosen: from the oom-kill line, or "Kill process … score …" before 5.0. */
  readonly choice: ReportChoice | null;
  readonly killed: readonly KilledProcess[];
  /** A cgroup was killed as a whole: memory.oom.group. */
  readonly groupKill: boolean;
  readonly groupCgroup: string | null;
  readonly reaped: readonly ReaperNote[];
  readonly outcome: ReportOutcome;
  /** vm.oom_kill_allocating_task: the trigger was killed, without a selection. */
  readonly allocatingTask: boolean;
  /** Parts of a whole report that were not found, in the order in which the kernel prints them. */
  readonly missing: readonly ReportPart[];
  /** Read off the report itself; null = nothing in it tells. */
  readonly pageSizeBytes: number | null;
}

export type LogConstraint = 'none' | 'cpuset' | 'memory-policy' | 'memcg';

export type ReportOutcome =
  /** At least one process was sent SIGKILL. */
  | 'killed'
  /** The chosen process was on its way out already. */
  | 'already-exiting'
  /** "Out of memory and no killable processes". */
  | 'no-candidate'
  /** vm.panic_on_oom, or nothing to kill on a node without memory. */
  | 'panic'
  /** The log ends, or is cut, before it tells. */
  | 'unknown';

export type ReportPart = 'header' | 'memory' | 'tasks' | 'kill';

export interface ReportTrigger {
  readonly comm: string;
  /** The thread's id. */
  readonly tid: number | null;
  readonly uid: number | null;
  readonly adj: number | null;
}

export interface AllocationRequest {
  readonly gfpMask: number;
  /** "GFP_KERNEL|__GFP_ACCOUNT": since 4.6. */
  readonly gfpFlags: string | null;
  /** −1 = sysrq-f. */
  readonly order: number;
  /** As printed: "0-1,3"; null = the log does not say, or no mempolicy. */
  readonly nodemask: string | null;
}

/** Lines "memory: usage …kB, limit …kB, failcnt …" and the statistics below them. */
export interface ReportLimit {
  /** Path of the cgroup below the mount. */
  readonly path: string | null;
  readonly memory: CounterLine | null;
  /** cgroup v2. */
  readonly swap: CounterLine | null;
  /** cgroup v1: memory and swap together. */
  readonly memsw: CounterLine | null;
  /** cgroup v1. */
  readonly kmem: CounterLine | null;
  /** "Memory cgroup stats for …": of the limit's cgroup first; old kernels print its descendants too. */
  readonly stats: readonly CgroupStats[];
}

export interface CounterLine {
  readonly usageBytes: number;
  readonly limitBytes: number | 'max';
  readonly failcnt: number;
}

export interface CgroupStats {
  readonly path: string;
  /** Each statistic by the kernel's name for it: bytes, or a count for the likes of "pgfault". */
  readonly values: ReadonlyMap<string, number>;
}

/** What "Mem-Info" tells of the machine. */
export interface ReportNode {
  /** Page frames that exist, less those that the kernel keeps: what RAM adds to totalpages. */
  readonly ramPages: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
  /** "active_anon", "free", "slab_unreclaimable" …: pages, by the kernel's names. */
  readonly pages: ReadonlyMap<string, number>;
  /** By memory node: what its zones have in all. Of those zones that the log shows. */
  readonly nodeBytes: ReadonlyMap<number, number>;
}

export interface TaskTable {
  /** False = the table's header was lost, and the columns were told from their number. */
  readonly headerSeen: boolean;
  readonly rows: readonly TaskRow[];
  /** Rows beyond the most that one report may hold. */
  readonly rowsDropped: number;
}

/** A line of "Tasks state (memory values in pages)". */
export interface TaskRow {
  readonly pid: number;
  readonly tid: number;
  readonly uid: number;
  readonly comm: string;
  readonly adj: number;
  readonly totalVmPages: number;
  readonly rssPages: number;
  /** Since 6.8; null before. */
  readonly rssAnonPages: number | null;
  readonly rssFilePages: number | null;
  readonly rssShmemPages: number | null;
  readonly swapPages: number;
  /** Page tables: since 4.15 in bytes, before in pages (PTE, PMD and PUD tables together). Exactly one is known, or none. */
  readonly pageTableBytes: number | null;
  readonly pageTablePages: number | null;
}

export interface ReportChoice {
  readonly lineNumber: number;
  readonly time: LogTime;
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | null;
  /** Points × 1000 / totalpages, rounded down: kernels before 5.2 print it. */
  readonly score: number | null;
}

export interface KilledProcess {
  readonly lineNumber: number;
  readonly time: LogTime;
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | null;
  readonly adj: number | null;
  readonly totalVmBytes: number | null;
  readonly rssAnonBytes: number | null;
  /** Before 4.5 it includes shmem. */
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
  /** Rounded down to KiB. */
  readonly pageTableBytes: number | null;
  /** 'chosen', a member of its memory.oom.group, or a process that shared its memory. */
  readonly why: 'chosen' | 'group' | 'shares-memory';
}

export interface ReaperNote {
  readonly lineNumber: number;
  readonly time: LogTime;
  readonly pid: number;
  readonly comm: string;
  /** False = the reaper gave up. */
  readonly reaped: boolean;
  /** What was left after it; null when it gave up. */
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
}
