import type { Limit } from './cgroup.js';
import type { Candidate } from './episode.js';

/**
 * Processes at one moment: those that hold the most memory and those that the OOM killer would take first, on the node and in each
 * cgroup with a limit. The rest is left out, and counted.
 */
export interface ProcessSampleEvent {
  readonly topic: '/process';
  readonly tUs: number;
  /** Why they were read from /proc, which cannot see everything (src/sources/host/proc-tasks.ts); null = from the kernel's own list. */
  readonly whyProc: string | null;
  /** How many there were. */
  readonly processesSeen: number;
  /** How many cgroups with a limit hold processes; those that are in `cgroups` are ranked. */
  readonly limitsSeen: number;
  /** What the kernel scales adj by on the node. */
  readonly ramBytes: number;
  readonly swapTotalBytes: number;
  /** vm.swappiness; null = not known. */
  readonly swappiness: number | null;
  /** In no order. */
  readonly processes: readonly ProcessRow[];
  /** With a limit of their own, or with memory.oom.group, above one of the processes. */
  readonly cgroups: readonly ProcessCgroup[];
}

/** A process. Which one it is for good: `pid` with `startUs`. Its cgroup's path is what /cgroup says of `cgroupId`. */
export type ProcessRow = Pick<
  Candidate,
  | 'pid'
  | 'uid'
  | 'comm'
  | 'startUs'
  | 'adj'
  | 'cgroupId'
  | 'rssAnonBytes'
  | 'rssFileBytes'
  | 'rssShmemBytes'
  | 'swapBytes'
  | 'pageTableBytes'
  | 'status'
>;

/** What /memory/sample does not tell of a cgroup and a ranking needs. */
export interface ProcessCgroup {
  readonly id: number;
  readonly maxBytes: Limit;
  /** cgroup v1: of memory and swap together. */
  readonly swapMaxBytes: Limit;
  readonly oomGroup: boolean;
}
