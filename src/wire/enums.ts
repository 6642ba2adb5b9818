import type { CgroupChange } from '../events/cgroup-life.js';
import type { Approximation, Candidate, EpisodeOutcome, OomChoice, OomConstraint } from '../events/episode.js';
import type { KillEvent, KillStep } from '../events/kill.js';
import type { NodeCondition } from '../events/kube.js';
import type { LossPlace } from '../events/loss.js';
import type { MemorySampleEvent } from '../events/memory-sample.js';
import type { NearMissKind } from '../events/near-miss.js';
import type { Adoption, AttachMode, ProgramOutcome, Sampling, SessionClock } from '../events/session.js';
import type { VictimStep } from '../events/victim.js';
import { badMessage } from './check.js';
import { oomscope } from './proto.js';

/** The two directions between a word of src/events and its number on the wire. */
export interface EnumCodec<Word extends string> {
  toWire(word: Word): number;
  /** Throws E_BAD_MESSAGE on a number that stands for no word. */
  fromWire(value: number | null | undefined): Word;
}

function enumCodec<Word extends string>(name: string, numbers: Readonly<Record<Word, number>>): EnumCodec<Word> {
  const words = new Map<number, Word>();
  for (const word of Object.keys(numbers) as Word[]) words.set(numbers[word], word);
  return {
    toWire: (word) => numbers[word],
    fromWire(value) {
      const word = typeof value === 'number' ? words.get(value) : undefined;
      if (word === undefined) throw badMessage(`${name} ${String(value)} is unknown`);
      return word;
    },
  };
}

const v1 = oomscope.v1;

export const attachMode = enumCodec<AttachMode>('attach mode', {
  fentry: v1.AttachMode.ATTACH_MODE_FENTRY,
  kprobe: v1.AttachMode.ATTACH_MODE_KPROBE,
  tracepoint: v1.AttachMode.ATTACH_MODE_TRACEPOINT,
  none: v1.AttachMode.ATTACH_MODE_NONE,
  log: v1.AttachMode.ATTACH_MODE_LOG,
});

export const sessionClock = enumCodec<SessionClock>('session clock', {
  boot: v1.SessionClock.SESSION_CLOCK_BOOT,
  date: v1.SessionClock.SESSION_CLOCK_DATE,
  order: v1.SessionClock.SESSION_CLOCK_ORDER,
});

export const programState = enumCodec<ProgramOutcome['state']>('program state', {
  attached: v1.ProgramState.PROGRAM_STATE_ATTACHED,
  'left-out': v1.ProgramState.PROGRAM_STATE_LEFT_OUT,
  failed: v1.ProgramState.PROGRAM_STATE_FAILED,
});

export const adoptionHow = enumCodec<Adoption['how']>('adoption', {
  adopted: v1.AdoptionHow.ADOPTION_HOW_ADOPTED,
  replaced: v1.AdoptionHow.ADOPTION_HOW_REPLACED,
});

export const constraint = enumCodec<OomConstraint>('constraint', {
  none: v1.OomConstraint.OOM_CONSTRAINT_NONE,
  cpuset: v1.OomConstraint.OOM_CONSTRAINT_CPUSET,
  'memory-policy': v1.OomConstraint.OOM_CONSTRAINT_MEMORY_POLICY,
  memcg: v1.OomConstraint.OOM_CONSTRAINT_MEMCG,
});

export const episodeOutcome = enumCodec<EpisodeOutcome>('outcome', {
  killed: v1.EpisodeOutcome.EPISODE_OUTCOME_KILLED,
  'victim-dying': v1.EpisodeOutcome.EPISODE_OUTCOME_VICTIM_DYING,
  'trigger-dying': v1.EpisodeOutcome.EPISODE_OUTCOME_TRIGGER_DYING,
  'no-candidate': v1.EpisodeOutcome.EPISODE_OUTCOME_NO_CANDIDATE,
  declined: v1.EpisodeOutcome.EPISODE_OUTCOME_DECLINED,
  unfinished: v1.EpisodeOutcome.EPISODE_OUTCOME_UNFINISHED,
  panic: v1.EpisodeOutcome.EPISODE_OUTCOME_PANIC,
});

export const approximation = enumCodec<Approximation>('approximation', {
  'points-recomputed': v1.Approximation.APPROXIMATION_POINTS_RECOMPUTED,
  'memory-not-printed': v1.Approximation.APPROXIMATION_MEMORY_NOT_PRINTED,
  'machine-swap-unknown': v1.Approximation.APPROXIMATION_MACHINE_SWAP_UNKNOWN,
  'swappiness-unknown': v1.Approximation.APPROXIMATION_SWAPPINESS_UNKNOWN,
  'nodes-unknown': v1.Approximation.APPROXIMATION_NODES_UNKNOWN,
  'page-size-assumed': v1.Approximation.APPROXIMATION_PAGE_SIZE_ASSUMED,
  'rows-missing': v1.Approximation.APPROXIMATION_ROWS_MISSING,
  'root-bonus-unknown': v1.Approximation.APPROXIMATION_ROOT_BONUS_UNKNOWN,
  'score-differs': v1.Approximation.APPROXIMATION_SCORE_DIFFERS,
  'choice-differs': v1.Approximation.APPROXIMATION_CHOICE_DIFFERS,
  'header-missing': v1.Approximation.APPROXIMATION_HEADER_MISSING,
  'memory-missing': v1.Approximation.APPROXIMATION_MEMORY_MISSING,
  'tasks-missing': v1.Approximation.APPROXIMATION_TASKS_MISSING,
  'kill-missing': v1.Approximation.APPROXIMATION_KILL_MISSING,
  'time-unknown': v1.Approximation.APPROXIMATION_TIME_UNKNOWN,
  'year-assumed': v1.Approximation.APPROXIMATION_YEAR_ASSUMED,
  'zone-assumed': v1.Approximation.APPROXIMATION_ZONE_ASSUMED,
});

export const choiceHow = enumCodec<OomChoice['how']>('choice', {
  selected: v1.ChoiceHow.CHOICE_HOW_SELECTED,
  'allocating-task': v1.ChoiceHow.CHOICE_HOW_ALLOCATING_TASK,
});

export const candidateStatus = enumCodec<Candidate['status']>('candidate status', {
  scored: v1.CandidateStatus.CANDIDATE_STATUS_SCORED,
  'oom-origin': v1.CandidateStatus.CANDIDATE_STATUS_OOM_ORIGIN,
  'skipped-init': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_INIT,
  'skipped-not-in-domain': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_NOT_IN_DOMAIN,
  dying: v1.CandidateStatus.CANDIDATE_STATUS_DYING,
  'skipped-reaped': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_REAPED,
  'skipped-adj-min': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_ADJ_MIN,
  'skipped-no-mm': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_NO_MM,
  'skipped-mm-skip': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_MM_SKIP,
  'skipped-vfork': v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED_VFORK,
  skipped: v1.CandidateStatus.CANDIDATE_STATUS_SKIPPED,
});

export const victimStep = enumCodec<VictimStep>('victim step', {
  marked: v1.VictimStep.VICTIM_STEP_MARKED,
  delivered: v1.VictimStep.VICTIM_STEP_DELIVERED,
  'reaper-queued': v1.VictimStep.VICTIM_STEP_REAPER_QUEUED,
  'reaper-started': v1.VictimStep.VICTIM_STEP_REAPER_STARTED,
  'reaper-finished': v1.VictimStep.VICTIM_STEP_REAPER_FINISHED,
  'reaper-skipped': v1.VictimStep.VICTIM_STEP_REAPER_SKIPPED,
  'reaper-gave-up': v1.VictimStep.VICTIM_STEP_REAPER_GAVE_UP,
  'killed-for-sharing': v1.VictimStep.VICTIM_STEP_KILLED_FOR_SHARING,
  exited: v1.VictimStep.VICTIM_STEP_EXITED,
});

export const lossPlace = enumCodec<LossPlace>('loss place', {
  'ring-kills': v1.LossPlace.LOSS_PLACE_RING_KILLS,
  'ring-ballot': v1.LossPlace.LOSS_PLACE_RING_BALLOT,
  'ring-bulk': v1.LossPlace.LOSS_PLACE_RING_BULK,
  'program-missed': v1.LossPlace.LOSS_PLACE_PROGRAM_MISSED,
  'addon-buffer': v1.LossPlace.LOSS_PLACE_ADDON_BUFFER,
  undecodable: v1.LossPlace.LOSS_PLACE_UNDECODABLE,
  'episode-unended': v1.LossPlace.LOSS_PLACE_EPISODE_UNENDED,
  'episode-without-kill': v1.LossPlace.LOSS_PLACE_EPISODE_WITHOUT_KILL,
  'client-queue': v1.LossPlace.LOSS_PLACE_CLIENT_QUEUE,
  'output-queue': v1.LossPlace.LOSS_PLACE_OUTPUT_QUEUE,
  recorder: v1.LossPlace.LOSS_PLACE_RECORDER,
  'kernel-map': v1.LossPlace.LOSS_PLACE_KERNEL_MAP,
});

export const samplingHow = enumCodec<Sampling['how']>('sampling', {
  iterator: v1.SamplingHow.SAMPLING_HOW_ITERATOR,
  files: v1.SamplingHow.SAMPLING_HOW_FILES,
});

export const cgroupChange = enumCodec<CgroupChange>('cgroup change', {
  present: v1.CgroupChange.CGROUP_CHANGE_PRESENT,
  appeared: v1.CgroupChange.CGROUP_CHANGE_APPEARED,
  vanished: v1.CgroupChange.CGROUP_CHANGE_VANISHED,
  renamed: v1.CgroupChange.CGROUP_CHANGE_RENAMED,
});

export const sampleKind = enumCodec<MemorySampleEvent['kind']>('sample kind', {
  full: v1.SampleKind.SAMPLE_KIND_FULL,
  delta: v1.SampleKind.SAMPLE_KIND_DELTA,
});

export const nearMissKind = enumCodec<NearMissKind>('near miss', {
  'episode-without-kill': v1.NearMissKind.NEAR_MISS_KIND_EPISODE_WITHOUT_KILL,
  'max-events': v1.NearMissKind.NEAR_MISS_KIND_MAX_EVENTS,
  throttled: v1.NearMissKind.NEAR_MISS_KIND_THROTTLED,
});

export const killStep = enumCodec<KillStep>('kill step', {
  sent: v1.KillStep.KILL_STEP_SENT,
  delivered: v1.KillStep.KILL_STEP_DELIVERED,
  'memory-released': v1.KillStep.KILL_STEP_MEMORY_RELEASED,
  exited: v1.KillStep.KILL_STEP_EXITED,
});

export const killHow = enumCodec<KillEvent['how']>('way to kill', {
  signal: v1.KillHow.KILL_HOW_SIGNAL,
  'cgroup-kill': v1.KillHow.KILL_HOW_CGROUP_KILL,
});

export const killSignal = enumCodec<KillEvent['signal']>('signal', {
  SIGKILL: v1.KillSignal.KILL_SIGNAL_SIGKILL,
  SIGTERM: v1.KillSignal.KILL_SIGNAL_SIGTERM,
});

/** From where a replay stands. */
export type KillDirection = 'next' | 'previous';

export const killDirection = enumCodec<KillDirection>('kill direction', {
  next: v1.KillDirection.KILL_DIRECTION_NEXT,
  previous: v1.KillDirection.KILL_DIRECTION_PREVIOUS,
});

export const nodeConditionStatus = enumCodec<NodeCondition['status']>('status of a node condition', {
  true: v1.NodeConditionStatus.NODE_CONDITION_STATUS_TRUE,
  false: v1.NodeConditionStatus.NODE_CONDITION_STATUS_FALSE,
  unknown: v1.NodeConditionStatus.NODE_CONDITION_STATUS_UNKNOWN,
});
