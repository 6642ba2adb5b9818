import type { CgroupMemory } from './cgroup.js';
import type { ProcessFacts, ProcessMemory } from './process.js';
import type { AttachMode } from './session.js';

/**
 * One run of out_of_memory(), whole: who triggered it, whose limit was hit, every candidate, and the choice.
 * Emitted once, when its last record was read.
 */
export interface EpisodeEvent {
  readonly topic: '/oom/episode';
  /** When the episode ended, µs since boot. */
  readonly tUs: number;
  /** When it began: also its name, since oom_lock lets one run at a time. */
  readonly episodeUs: number;
  /** Up to its end; of an unfinished one, up to its last record. */
  readonly durationUs: number;
  /** How the records were taken. 'kprobe' sees the same as 'fentry'. */
  readonly attachMode: AttachMode;
  /** The task that ran out_of_memory(); null = the record of the beginning was lost, and with it sysrq, gfpMask and order. */
  readonly trigger: ProcessFacts | null;
  readonly triggerCgroup: CgroupMemory | null;
  /** The cgroup whose limit was hit; null = node-wide (or sysrq). */
  readonly limitCgroup: CgroupMemory | null;
  /** Ancestors of the limit cgroup, nearest first, the root last. */
  readonly limitAncestors: readonly CgroupMemory[];
  readonly victimCgroup: CgroupMemory | null;
  readonly constraint: OomConstraint | null;
  readonly sysrq: boolean | null;
  readonly gfpMask: number | null;
  /** Allocation order; −1 for sysrq-f, as the kernel has it. */
  readonly order: number | null;
  /** Nodes of the mempolicy that failed; null = no mempolicy. */
  readonly nodemask: readonly number[] | null;
  /** oc->totalpages: what adj is scaled by. In pages, as the formula uses it; null = not seen. */
  readonly totalPages: number | null;
  readonly pageSizeBytes: number;
  readonly outcome: EpisodeOutcome;
  /** The process handed to oom_kill_process(); null = nobody. */
  readonly choice: OomChoice | null;
  /** In the order in which the kernel evaluated them. */
  readonly candidates: readonly Candidate[];
  readonly candidatesSeen: number;
  readonly candidatesLost: number;
  readonly kernelThreadsSkipped: number;
  /** Records of this episode, other than candidates, that the kernel side had to drop. */
  readonly recordsLost: number;
}

export type OomConstraint = 'none' | 'cpuset' | 'memory-policy' | 'memcg';

export type EpisodeOutcome =
  /** oom_kill_process() was called. */
  | 'killed'
  /** An earlier victim is still dying: nobody new. */
  | 'victim-dying'
  /** The trigger was about to free its memory: marked without a selection. */
  | 'trigger-dying'
  | 'no-candidate'
  /** Memory was freed by a notifier, or the allocation may not enter the file system. */
  | 'declined'
  /** The end of the episode was never seen. */
  | 'unfinished';

export interface OomChoice {
  readonly process: ProcessFacts;
  /** The moment of choice, µs since boot. */
  readonly choiceUs: number;
  readonly how: 'selected' | 'allocating-task';
  /** oc->chosen_points in pages; null where the kernel did not score (allocating-task, oom-origin). */
  readonly points: number | null;
}

export interface Candidate extends ProcessFacts, ProcessMemory {
  readonly status: CandidateStatus;
  /** Of oom_badness(), in pages, signed; null unless status is 'scored'. */
  readonly points: number | null;
}

export type CandidateStatus =
  | 'scored'
  /** oom_task_origin(): chosen at once, without points. */
  | 'oom-origin'
  | 'skipped-init'
  | 'skipped-not-in-domain'
  /** Already a victim: the whole selection is abandoned. */
  | 'dying'
  | 'skipped-reaped'
  | 'skipped-adj-min'
  | 'skipped-no-mm'
  | 'skipped-mm-skip'
  | 'skipped-vfork'
  /** Skipped, for a reason that was no longer visible when it was read. */
  | 'skipped';
