/** What the tracer found on this host and what it attached. One at start, and again whenever a part of it changes. */
export interface SessionEvent {
  readonly topic: '/session';
  /** µs since boot (CLOCK_BOOTTIME), as everywhere. */
  readonly tUs: number;
  readonly bootId: string;
  readonly hostname: string;
  readonly kernelRelease: string;
  readonly machine: string;
  readonly pageSizeBytes: number;
  readonly cpuCount: number;
  readonly memoryTotalBytes: number;
  readonly swapTotalBytes: number;
  /** Which hierarchy carries the memory controller; null = none was found. */
  readonly cgroupVersion: 1 | 2 | null;
  /** One moment in both clocks: µs since boot and µs since 1970. */
  readonly anchorBootUs: number;
  readonly anchorEpochUs: number;
  readonly oomscopeVersion: string;
  readonly attachMode: AttachMode;
  readonly programs: readonly ProgramOutcome[];
  /** What this host lacks, most important first; empty = the whole kill path is attached. */
  readonly missing: readonly MissingFeature[];
  /** Pins of an earlier run that were taken over; null = a fresh start. */
  readonly adopted: Adoption | null;
  /** How memory is sampled; null = it is not, and there are kills only. */
  readonly sampling: Sampling | null;
}

export interface Sampling {
  /** 'iterator': all cgroups by one walk in the kernel. 'files': by kept-open files, at a rate that keeps the cost bounded. */
  readonly how: 'iterator' | 'files';
  /** How far ticks are apart while all is calm, and for cgroups under pressure. The same = pinned by --interval. */
  readonly calmUs: number;
  readonly hotUs: number;
}

/** 'none' = nothing records kills in this session. */
export type AttachMode = 'fentry' | 'kprobe' | 'tracepoint' | 'none';

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
