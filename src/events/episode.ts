import type { CgroupMemory } from './cgroup.js';
import type { ProcessFacts, ProcessMemory, TriggerFacts } from './process.js';
import type { AttachMode } from './session.js';

/**
 * One run of out_of_memory(), whole: who triggered it, whose limit was hit, every candidate, and the choice.
 * Emitted once, when its last record was read.
 */
export interface EpisodeEvent {
  readonly topic: '/oom/episode';
  /** When the episode ended, µs since boot (see SessionEvent.clock). */
  readonly tUs: number;
  /** When it began: also its name, since oom_lock lets one run at a time. */
  readonly episodeUs: number;
  /** Up to its end; of an unfinished one, up to its last record. Null = a log, which has no such moments. */
  readonly durationUs: number | null;
  /** How the records were taken. 'kprobe' sees the same as 'fentry'. */
  readonly attachMode: AttachMode;
  /** The task that ran out_of_memory(); null = the record of the beginning was lost, and with it sysrq, gfpMask and order. */
  readonly trigger: TriggerFacts | null;
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
  /** Null, as the two below it = a log, which does not tell. */
  readonly candidatesSeen: number | null;
  readonly candidatesLost: number | null;
  readonly kernelThreadsSkipped: number | null;
  /** Records of this episode, other than candidates, that the kernel side had to drop. */
  readonly recordsLost: number;
  /** What in it is not the kernel's own record but recomputed, assumed or missing, and why. Empty for a live one. */
  readonly approximations: readonly Approximation[];
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
  /** vm.panic_on_oom, or nothing was killable: the node went down. */
  | 'panic'
  /** Memory was freed by a notifier, or the allocation may not enter the file system. */
  | 'declined'
  /** The end of the episode was never seen. */
  | 'unfinished';

export interface OomChoice {
  readonly process: ProcessFacts;
  /** The moment of choice, µs since boot. */
  readonly choiceUs: number;
  readonly how: 'selected' | 'allocating-task';
  /** oc->chosen_points in pages; null where the kernel did not score (allocating-task, oom-origin) or a log lacks it. */
  readonly points: number | null;
  /** points × 1000 / totalPages, rounded down: logs of kernels before 5.2 have it. */
  readonly score: number | null;
}

/** Why a figure of an episode may not be the kernel's own. Words for each: src/model/approximations.ts. */
export type Approximation =
  /** Points were recomputed from the log's task table, which the kernel prints after it has chosen. */
  | 'points-recomputed'
  /** The log does not give the limit, or the machine's memory: no totalPages. */
  | 'memory-not-printed'
  /** The cgroup may use swap, and the log does not say how much the machine has: none was assumed. */
  | 'machine-swap-unknown'
  /** The cgroup may use swap if its swappiness is not 0: that was assumed. */
  | 'swappiness-unknown'
  /** Only the nodes of a cpuset or mempolicy count, and the log does not give their sizes: the machine's were taken. */
  | 'nodes-unknown'
  /** Nothing in the report tells the page size: 4 KiB was assumed. */
  | 'page-size-assumed'
  /** Rows of the task table are missing, or may be. */
  | 'rows-missing'
  /** Kernels before 4.17 favoured processes with CAP_SYS_ADMIN by 3 %, which the log does not tell. */
  | 'root-bonus-unknown'
  /** The kernel's score of the chosen process is another one. */
  | 'score-differs'
  /** Someone else has the most recomputed points. */
  | 'choice-differs'
  /** Parts of the report that the log lacks. */
  | 'header-missing'
  | 'memory-missing'
  | 'tasks-missing'
  | 'kill-missing'
  /** The log gives no time for it: only its place in the order is known. */
  | 'time-unknown'
  /** Its date names no year, or no zone. */
  | 'year-assumed'
  | 'zone-assumed';

export interface Candidate extends ProcessFacts, ProcessMemory {
  readonly uid: number;
  readonly adj: number;
  readonly status: CandidateStatus;
  /** Of oom_badness(), in pages, signed; null unless status is 'scored', and where a log does not tell totalPages. */
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
