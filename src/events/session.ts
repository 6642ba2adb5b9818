/**
 * What the tracer found on this host and what it attached. One at start, and again whenever a part of it changes. Of a
 * kernel log: what it tells of the host, null where it does not.
 */
export interface SessionEvent {
  readonly topic: '/session';
  /** µs since boot (CLOCK_BOOTTIME), as everywhere. */
  readonly tUs: number;
  readonly bootId: string | null;
  readonly hostname: string | null;
  readonly kernelRelease: string | null;
  readonly machine: string | null;
  readonly pageSizeBytes: number | null;
  readonly cpuCount: number | null;
  readonly memoryTotalBytes: number | null;
  readonly swapTotalBytes: number | null;
  /** Which hierarchy carries the memory controller; null = none was found, or the log does not tell. */
  readonly cgroupVersion: 1 | 2 | null;
  /** What `tUs` counts from. */
  readonly clock: SessionClock;
  /** One moment in both clocks: `tUs`, and µs since 1970 (null = the log has no dates). */
  readonly anchorBootUs: number;
  readonly anchorEpochUs: number | null;
  readonly oomscopeVersion: string;
  readonly attachMode: AttachMode;
  readonly programs: readonly ProgramOutcome[];
  /** What this host lacks, most important first; empty = the whole kill path is attached. */
  readonly missing: readonly MissingFeature[];
  /** Pins of an earlier run that were taken over; null = a fresh start. */
  readonly adopted: Adoption | null;
  /** How memory is sampled; null = it is not, and there are kills only. */
  readonly sampling: Sampling | null;
  /** kubelet's lines under memory.available on this node; null = no kubelet is seen here, or it is not known. */
  readonly eviction: EvictionLines | null;
}

export interface EvictionLines {
  /** At once below it; null = kubelet has no such line. */
  readonly hardBytes: number | null;
  /** After its grace period; null = kubelet has no such line. */
  readonly softBytes: number | null;
  /** Where they come from, for people: a flag, a file, kubelet's defaults. */
  readonly source: string;
}

export interface Sampling {
  /** 'iterator': all cgroups by one walk in the kernel. 'files': by kept-open files, at a rate that keeps the cost bounded. */
  readonly how: 'iterator' | 'files';
  /** How far ticks are apart while all is calm, and for cgroups under pressure. The same = pinned by --interval. */
  readonly calmUs: number;
  readonly hotUs: number;
}

/** 'none' = nothing records kills in this session; 'log' = nothing was attached, a kernel log was read. */
export type AttachMode = 'fentry' | 'kprobe' | 'tracepoint' | 'none' | 'log';

export type SessionClock =
  /** The boot. */
  | 'boot'
  /** The first report of a log that has dates and nothing since boot. */
  | 'date'
  /** Nothing: the log has no times, and `tUs` only orders. */
  | 'order';

export interface ProgramOutcome {
  readonly name: string;
  readonly state: 'attached' | 'left-out' | 'failed';
  /** Why it was left out or failed, in one line; null when attached. */
  readonly reason: string | null;
}

/** A refusal: the missing thing, its consequence, and the next step. */
export interface MissingFeature {
  /** Stable code, listed in docs/requirements.md. */
  readonly code: string;
  readonly what: string;
  readonly lost: string;
  readonly remedy: string;
}

/** The time in which no reader was there. The kernel side recorded on; kills in it are in the stream. */
export interface Adoption {
  readonly gapFromUs: number;
  readonly gapToUs: number;
  /** 'adopted': the same programs went on. 'replaced': another version's pins were drained and removed. */
  readonly how: 'adopted' | 'replaced';
}
