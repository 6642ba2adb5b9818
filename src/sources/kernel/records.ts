import type { CgroupMemory } from '../../events/cgroup.js';
import type { Candidate, CandidateStatus, EpisodeOutcome, OomChoice, OomConstraint } from '../../events/episode.js';
import type { KillEvent, KillSender, KillStep } from '../../events/kill.js';
import { constants, enums, structs } from '../../events/layout.gen.js';
import type { ProcessFacts, ProcessMemory } from '../../events/process.js';
import type { VictimStep } from '../../events/victim.js';
import { cgroupPath } from './cgroup-path.js';
import {
  decodeCgroupLife,
  decodeNode,
  decodePressure,
  decodeSample,
  decodeStat,
  type MemoryRecordBody,
} from './memory-records.js';
import { RecordReader } from './record-reader.js';

/** The records of bpf/events.h in the words of src/events: bytes instead of pages, reasons instead of special values. */
/** The kernel side always has these. */
export interface RecordedCgroup extends CgroupMemory {
  readonly id: number;
  readonly level: number;
}

export type KernelRecord = (
  | EpisodeBeginRecord
  | CgroupRecord
  | CandidateRecord
  | ChoiceRecord
  | VictimRecord
  | ReaperRecord
  | ExitRecord
  | EpisodeEndRecord
  | MemoryRecordBody
  | KillRecord
  | KillStepRecord
) &
  RecordTime;

/** What every record has. */
export interface RecordTime {
  readonly tUs: number;
  /** Null = the begin of the episode was not seen, or it belongs to none. */
  readonly episodeUs: number | null;
}

interface EpisodeBeginRecord {
  readonly kind: 'episode-begin';
  readonly trigger: ProcessFacts;
  readonly limitCgroupId: number | null;
  readonly gfpMask: number;
  readonly order: number;
  readonly nodemask: readonly number[] | null;
}

export interface CgroupRecord {
  readonly kind: 'cgroup';
  readonly role: 'limit' | 'ancestor' | 'trigger' | 'victim' | KillRole;
  readonly cgroup: RecordedCgroup;
}

interface CandidateRecord {
  readonly kind: 'candidate';
  readonly candidate: Candidate;
}

interface ChoiceRecord {
  readonly kind: 'choice';
  readonly choice: OomChoice;
  readonly totalPages: number;
  readonly constraint: OomConstraint;
}

interface VictimRecord {
  readonly kind: 'victim';
  readonly tid: number;
  /** Null = the tracepoint named a thread and nothing else. */
  readonly process: ProcessFacts | null;
  readonly memory: ProcessMemory | null;
  readonly sigkilled: boolean | null;
  readonly chosen: boolean | null;
  readonly containerPid: number | null;
}

interface ReaperRecord {
  readonly kind: 'reaper';
  readonly tid: number;
  readonly step: VictimStep;
}

interface ExitRecord {
  readonly kind: 'exit';
  readonly process: ProcessFacts;
  /** Null, as memorySharedBy: not read (tracepoint mode). */
  readonly memory: ProcessMemory | null;
  readonly memorySharedBy: number | null;
}

interface EpisodeEndRecord {
  readonly kind: 'episode-end';
  /** Null, as the constraint: out_of_memory() returned before it determined them. */
  readonly totalPages: number | null;
  readonly outcome: EpisodeOutcome;
  readonly constraint: OomConstraint | null;
  readonly candidatesSeen: number;
  readonly candidatesLost: number;
  readonly kernelThreadsSkipped: number;
  readonly recordsLost: number;
}

/** Cgroups of kills by user space: they belong to no episode, and are told for their paths. */
type KillRole = 'sender' | 'target' | 'killed';

export interface KillRecord {
  readonly kind: 'kill';
  readonly how: KillEvent['how'];
  readonly signal: KillEvent['signal'];
  readonly sender: KillSender;
  readonly target: ProcessFacts;
  readonly memory: ProcessMemory;
  readonly killedCgroupId: number | null;
}

export interface KillStepRecord {
  readonly kind: 'kill-step';
  readonly step: Exclude<KillStep, 'sent'>;
  /** Null = by the OOM killer. */
  readonly killUs: number | null;
  readonly how: KillEvent['how'] | null;
  readonly signal: KillEvent['signal'];
  readonly target: ProcessFacts;
  readonly killedCgroupId: number | null;
  /** Memory-released: who calls. */
  readonly sender: KillSender | null;
  /** Delivered: of the target. */
  readonly commandLine: string | null;
}

type Body = KernelRecord extends infer R ? (R extends KernelRecord ? Omit<R, 'tUs' | 'episodeUs'> : never) : never;

/** Null = not a record of this layout. `sizeBytes` is the header's, and lies within the batch. */
export function decodeRecord(
  view: DataView,
  start: number,
  sizeBytes: number,
  pageSizeBytes: number,
): KernelRecord | null {
  const reader = new RecordReader(view, start, pageSizeBytes);
  const format = FORMATS.get(reader.u32(structs.record_header.at.kind));
  if (format === undefined || !format.fits(sizeBytes)) return null;
  const body = format.decode(reader, sizeBytes);
  if (body === null) return null;
  // Not a spread: copying a record costs more than decoding it.
  return Object.assign(body, {
    tUs: reader.us(structs.record_header.at.time_ns),
    episodeUs: reader.usOrNull(structs.record_header.at.episode_ns),
  });
}

interface Format {
  fits(sizeBytes: number): boolean;
  decode(reader: RecordReader, sizeBytes: number): Body | null;
}

function fixed(sizeBytes: number, decode: (reader: RecordReader) => Body | null): Format {
  return { fits: (actual) => actual === sizeBytes, decode };
}

/** Of which the decoder itself finds out whether what follows the head is as long as the head says. */
function atLeast(headBytes: number, decode: Format['decode']): Format {
  return { fits: (actual) => actual >= headBytes, decode };
}

const FORMATS = byValue<keyof typeof enums.record_kind, Format>(enums.record_kind, {
  RECORD_EPISODE_BEGIN: fixed(structs.episode_begin.bytes, decodeEpisodeBegin),
  RECORD_CGROUP: {
    fits: (actual) => actual >= structs.cgroup_record.at.path && actual <= structs.cgroup_record.bytes,
    decode: decodeCgroup,
  },
  RECORD_CANDIDATE: fixed(structs.candidate.bytes, decodeCandidate),
  RECORD_CHOICE: fixed(structs.choice.bytes, decodeChoice),
  RECORD_VICTIM: fixed(structs.victim.bytes, decodeVictim),
  RECORD_REAPER: fixed(structs.reaper.bytes, decodeReaper),
  RECORD_EXIT: fixed(structs.exit_record.bytes, decodeExit),
  RECORD_EPISODE_END: fixed(structs.episode_end.bytes, decodeEpisodeEnd),
  RECORD_CGROUP_LIFE: atLeast(structs.cgroup_life.at.path, decodeCgroupLife),
  RECORD_SAMPLE: atLeast(structs.sample_record.bytes, decodeSample),
  RECORD_STAT: atLeast(structs.stat_record.bytes, decodeStat),
  RECORD_PRESSURE: atLeast(structs.pressure_record.bytes, decodePressure),
  RECORD_NODE: fixed(structs.node_record.bytes, decodeNode),
  RECORD_KILL: fixed(structs.kill_record.bytes, decodeKill),
  RECORD_KILL_STEP: fixed(structs.kill_step.bytes, decodeKillStep),
});

const ROLES = byValue(enums.cgroup_role, {
  CGROUP_LIMIT: 'limit',
  CGROUP_ANCESTOR: 'ancestor',
  CGROUP_TRIGGER: 'trigger',
  CGROUP_VICTIM: 'victim',
  CGROUP_SENDER: 'sender',
  CGROUP_TARGET: 'target',
  CGROUP_KILLED: 'killed',
} as const);

const STATUSES = byValue<keyof typeof enums.candidate_status, CandidateStatus>(enums.candidate_status, {
  CANDIDATE_SCORED: 'scored',
  CANDIDATE_OOM_ORIGIN: 'oom-origin',
  CANDIDATE_INIT: 'skipped-init',
  CANDIDATE_NOT_IN_DOMAIN: 'skipped-not-in-domain',
  CANDIDATE_DYING: 'dying',
  CANDIDATE_REAPED: 'skipped-reaped',
  CANDIDATE_ADJ_MIN: 'skipped-adj-min',
  CANDIDATE_NO_MM: 'skipped-no-mm',
  CANDIDATE_MM_SKIP: 'skipped-mm-skip',
  CANDIDATE_VFORK: 'skipped-vfork',
  CANDIDATE_SKIPPED: 'skipped',
});

const HOWS = byValue(enums.choice_how, {
  CHOICE_SELECTED: 'selected',
  CHOICE_ALLOCATING_TASK: 'allocating-task',
} as const);

const STEPS = byValue<keyof typeof enums.reaper_step, VictimStep>(enums.reaper_step, {
  REAPER_QUEUED: 'reaper-queued',
  REAPER_STARTED: 'reaper-started',
  REAPER_FINISHED: 'reaper-finished',
  REAPER_SKIPPED: 'reaper-skipped',
});

const OUTCOMES = byValue<keyof typeof enums.episode_outcome, EpisodeOutcome>(enums.episode_outcome, {
  EPISODE_KILLED: 'killed',
  EPISODE_VICTIM_DYING: 'victim-dying',
  EPISODE_TRIGGER_DYING: 'trigger-dying',
  EPISODE_NO_CANDIDATE: 'no-candidate',
  EPISODE_DECLINED: 'declined',
});

const KILL_HOWS = byValue<keyof typeof enums.kill_how, KillEvent['how']>(enums.kill_how, {
  KILL_SIGNAL: 'signal',
  KILL_CGROUP: 'cgroup-kill',
});

const KILL_STEPS = byValue<keyof typeof enums.kill_step_kind, Exclude<KillStep, 'sent'>>(enums.kill_step_kind, {
  KILL_DELIVERED: 'delivered',
  KILL_RELEASED: 'memory-released',
  KILL_EXITED: 'exited',
});

/** The numbers of Linux, the same on every machine that the programs are built for. */
const SIGNALS: ReadonlyMap<number, KillEvent['signal']> = new Map([
  [9, 'SIGKILL'],
  [15, 'SIGTERM'],
]);

/** enum oom_constraint of include/linux/oom.h, by value. */
const CONSTRAINTS: readonly OomConstraint[] = ['none', 'cpuset', 'memory-policy', 'memcg'];

function decodeEpisodeBegin(reader: RecordReader): Body {
  const at = structs.episode_begin.at;
  return {
    kind: 'episode-begin',
    trigger: reader.process(at.trigger),
    limitCgroupId: reader.u64OrNull(at.limit_cgroup_id),
    gfpMask: reader.u32(at.gfp_mask),
    order: reader.i32(at.order),
    nodemask: reader.u32(at.nodemask_present) === 0 ? null : decodeNodemask(reader, at.nodemask),
  };
}

function decodeNodemask(reader: RecordReader, at: number): number[] {
  const nodes: number[] = [];
  for (let node = 0; node < constants.NODEMASK_WORDS * 64; node++) {
    // By 32 bits: on a little-endian machine the bits of a 64-bit word go on in its second half.
    if ((reader.u32(at + (node >>> 5) * 4) >>> (node & 31)) & 1) nodes.push(node);
  }
  return nodes;
}

function decodeCgroup(reader: RecordReader, sizeBytes: number): Body | null {
  const at = structs.cgroup_record.at;
  const flags = reader.u32(at.flags);
  const has = (flag: keyof typeof enums.cgroup_flags) => (flags & enums.cgroup_flags[flag]) !== 0;
  const role = ROLES.get(reader.u32(at.role));
  const pathBytes = reader.u32(at.path_bytes);
  if (role === undefined || pathBytes > sizeBytes - at.path) return null;
  const read = has('CGROUP_HAS_MEMORY');
  const amount = (offset: number) => (read ? reader.pageBytes(offset) : null);
  const limit = (offset: number, unlimited: boolean) => (read && unlimited ? 'max' : amount(offset));
  return {
    kind: 'cgroup',
    role,
    cgroup: {
      id: reader.u64(at.cgroup_id),
      path: cgroupPath(reader.bytes(at.path, pathBytes), has('CGROUP_IS_ROOT'), has('CGROUP_PATH_TRUNCATED')),
      pathTruncated: has('CGROUP_PATH_TRUNCATED'),
      level: reader.u32(at.level),
      usageBytes: amount(at.usage_pages),
      maxBytes: limit(at.max_pages, has('CGROUP_MAX_UNLIMITED')),
      highBytes: limit(at.high_pages, has('CGROUP_HIGH_UNLIMITED')),
      swapBytes: amount(at.swap_pages),
      swapMaxBytes: limit(at.swap_max_pages, has('CGROUP_SWAP_MAX_UNLIMITED')),
      swapIsMemsw: has('CGROUP_SWAP_IS_MEMSW'),
      oomGroup: has('CGROUP_OOM_GROUP'),
    },
  };
}

function decodeCandidate(reader: RecordReader): Body | null {
  const at = structs.candidate.at;
  const status = STATUSES.get(reader.u32(at.status));
  if (status === undefined) return null;
  const points = reader.points(at.points);
  const process = reader.process(at.task);
  const memory = reader.memory(at.mm);
  return {
    kind: 'candidate',
    // Member by member: there can be thousands in a ballot, and two spreads took thirty times as long.
    candidate: {
      pid: process.pid,
      tid: process.tid,
      uid: process.uid,
      comm: process.comm,
      startUs: process.startUs,
      adj: process.adj,
      cgroupId: process.cgroupId,
      cgroupPath: process.cgroupPath,
      rssBytes: memory.rssBytes,
      rssAnonBytes: memory.rssAnonBytes,
      rssFileBytes: memory.rssFileBytes,
      rssShmemBytes: memory.rssShmemBytes,
      swapBytes: memory.swapBytes,
      pageTableBytes: memory.pageTableBytes,
      status,
      points: status === 'scored' && typeof points === 'number' ? points : null,
    },
  };
}

function decodeChoice(reader: RecordReader): Body | null {
  const at = structs.choice.at;
  const how = HOWS.get(reader.u32(at.how));
  const constraint = CONSTRAINTS[reader.u32(at.constraint)];
  if (how === undefined || constraint === undefined) return null;
  const points = reader.points(at.points);
  return {
    kind: 'choice',
    choice: {
      process: reader.process(at.task),
      choiceUs: reader.us(structs.record_header.at.time_ns),
      how,
      points: how === 'selected' && typeof points === 'number' ? points : null,
      score: null,
    },
    totalPages: reader.u64(at.totalpages),
    constraint,
  };
}

function decodeVictim(reader: RecordReader): Body {
  const at = structs.victim.at;
  const flags = reader.u32(at.flags);
  const process = reader.process(at.task);
  const memory = reader.memory(at.mm);
  const containerPid = reader.i32(at.container_pid) || null;
  if ((flags & enums.victim_flags.VICTIM_FROM_TRACEPOINT) !== 0) {
    // Before its extension in 6.9 the plain tracepoint gives the thread alone.
    const known = process.startUs !== null || process.comm !== '';
    return {
      kind: 'victim',
      tid: process.tid,
      process: known ? process : null,
      memory: known ? memory : null,
      sigkilled: null,
      chosen: null,
      containerPid,
    };
  }
  return {
    kind: 'victim',
    tid: process.tid,
    process,
    memory,
    sigkilled: (flags & enums.victim_flags.VICTIM_SIGKILLED) !== 0,
    chosen: (flags & enums.victim_flags.VICTIM_CHOSEN) !== 0,
    containerPid,
  };
}

function decodeReaper(reader: RecordReader): Body | null {
  const step = STEPS.get(reader.u32(structs.reaper.at.step));
  return step === undefined ? null : { kind: 'reaper', tid: reader.i32(structs.reaper.at.pid), step };
}

function decodeExit(reader: RecordReader): Body {
  const at = structs.exit_record.at;
  // −1 = the exit's plain tracepoint, which shows neither: zeros there are not a reading.
  const users = reader.i32(at.mm_users);
  return {
    kind: 'exit',
    process: reader.process(at.task),
    memory: users < 0 ? null : reader.memory(at.mm),
    memorySharedBy: users < 0 ? null : users,
  };
}

function decodeEpisodeEnd(reader: RecordReader): Body | null {
  const at = structs.episode_end.at;
  const outcome = OUTCOMES.get(reader.u32(at.outcome));
  const constraint = CONSTRAINTS[reader.u32(at.constraint)];
  if (outcome === undefined || constraint === undefined) return null;
  // constrained_alloc() sets both, totalpages to 1 at least.
  const totalPages = reader.u64OrNull(at.totalpages);
  return {
    kind: 'episode-end',
    totalPages,
    outcome,
    constraint: totalPages === null ? null : constraint,
    candidatesSeen: reader.u32(at.candidates_seen),
    candidatesLost: reader.u32(at.candidates_lost),
    kernelThreadsSkipped: reader.u32(at.kernel_threads),
    recordsLost: reader.u32(at.records_lost),
  };
}

function decodeKill(reader: RecordReader): Body | null {
  const at = structs.kill_record.at;
  const how = KILL_HOWS.get(reader.u32(at.how));
  const signal = SIGNALS.get(reader.u32(at.signal));
  if (how === undefined || signal === undefined) return null;
  return {
    kind: 'kill',
    how,
    signal,
    sender: decodeSender(reader, at),
    target: reader.process(at.target),
    memory: reader.memory(at.mm),
    killedCgroupId: reader.u64OrNull(at.killed_cgroup_id),
  };
}

type SenderMembers = 'sender' | 'command_line' | 'command_line_bytes' | 'parent_tgid' | 'parent_comm';

function decodeSender(reader: RecordReader, at: Readonly<Record<SenderMembers, number>>): KillSender {
  return {
    process: reader.process(at.sender),
    commandLine: commandLine(reader, at.command_line, at.command_line_bytes),
    parentPid: reader.i32(at.parent_tgid),
    parentComm: reader.comm(at.parent_comm),
  };
}

function decodeKillStep(reader: RecordReader): Body | null {
  const at = structs.kill_step.at;
  const step = KILL_STEPS.get(reader.u32(at.step));
  const signal = SIGNALS.get(reader.u32(at.signal));
  if (step === undefined || signal === undefined) return null;
  return {
    kind: 'kill-step',
    step,
    killUs: reader.usOrNull(at.sent_ns),
    how: KILL_HOWS.get(reader.u32(at.how)) ?? null,
    signal,
    target: reader.process(at.target),
    killedCgroupId: reader.u64OrNull(at.killed_cgroup_id),
    sender: step === 'memory-released' ? decodeSender(reader, at) : null,
    commandLine: step === 'delivered' ? commandLine(reader, at.command_line, at.command_line_bytes) : null,
  };
}

/** "hog\0--anon\0" → "hog --anon"; null = it was not readable. */
function commandLine(reader: RecordReader, at: number, bytesAt: number): string | null {
  const bytes = Math.min(reader.u32(bytesAt), constants.COMMAND_LINE_LEN);
  if (bytes === 0) return null;
  return RecordReader.text(reader.bytes(at, bytes)).replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** Our name for each value of a kernel enum; the compiler demands one for every member. */
function byValue<K extends string, V>(
  values: Readonly<Record<K, number>>,
  names: Readonly<Record<K, V>>,
): ReadonlyMap<number, V> {
  return new Map((Object.keys(values) as K[]).map((key) => [values[key], names[key]]));
}
