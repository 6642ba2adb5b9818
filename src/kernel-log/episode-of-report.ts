import type { Approximation, EpisodeEvent, EpisodeOutcome, OomChoice } from '../events/episode.js';
import type { TriggerFacts } from '../events/process.js';
import { ballotOf, isProcess, type LogBallot } from './candidates-of-report.js';
import { limitCgroupOf, victimCgroupOf } from './cgroups-of-report.js';
import { idOrNull, nodesOrNull, u32OrNull } from './kernel-numbers.js';
import { processOf } from './process-of-report.js';
import type { LogConstraint, OomReport, ReportOutcome, ReportPart } from './report.js';
import type { ReportTimes } from './report-times.js';

/** A report as the episode that it tells of. What the log does not say stays null, and what is recomputed is said. */
export function episodeOf(report: OomReport, times: ReportTimes, doubts: readonly Approximation[]): EpisodeEvent {
  const { request } = report;
  const ballot = ballotOf(report);
  const limitCgroup = limitCgroupOf(report);
  const constraint = constraintOf(report);
  return {
    topic: '/oom/episode',
    tUs: times.endUs,
    episodeUs: times.episodeUs,
    durationUs: null,
    attachMode: 'log',
    trigger: triggerOf(report),
    triggerCgroup: null,
    limitCgroup,
    limitAncestors: [],
    victimCgroup: victimCgroupOf(report, limitCgroup),
    constraint,
    sysrq: request === null ? null : request.order === -1,
    gfpMask: u32OrNull(request?.gfpMask ?? null),
    order: request?.order ?? null,
    nodemask: constraint === 'memory-policy' ? nodesOrNull(request?.nodemask ?? null) : null,
    totalPages: ballot.totalPages,
    pageSizeBytes: ballot.pageSizeBytes ?? report.pageSizeBytes ?? ASSUMED_PAGE_SIZE_BYTES,
    outcome: OUTCOMES[report.outcome],
    choice: choiceOf(report, ballot, times),
    candidates: ballot.candidates,
    candidatesSeen: null,
    candidatesLost: ballot.isWhole ? 0 : null,
    kernelThreadsSkipped: null,
    recordsLost: 0,
    approximations: approximationsOf(report, ballot, doubts),
  };
}

/** Nothing is counted in pages where there is no ballot. */
const ASSUMED_PAGE_SIZE_BYTES = 4096;

const OUTCOMES: Readonly<Record<ReportOutcome, EpisodeOutcome>> = {
  killed: 'killed',
  // It was handed to the killer, who found its memory gone.
  'already-exiting': 'killed',
  'no-candidate': 'no-candidate',
  panic: 'panic',
  unknown: 'unfinished',
};

/** Before 5.0 no constraint is printed; what was short is, in the words of the kill. */
function constraintOf({ constraint, scope }: OomReport): LogConstraint | null {
  if (constraint !== null || scope === null) return constraint;
  return scope === 'memcg' ? 'memcg' : 'none';
}

/** The log names the thread. Which process it is of the table tells, where the thread is in it. */
function triggerOf(report: OomReport): TriggerFacts | null {
  const { trigger } = report;
  if (trigger === null) return null;
  const tid = trigger.tid === null ? null : idOrNull(trigger.tid);
  const row = tid === null ? undefined : report.tasks?.rows.find((candidate) => isProcess(candidate, tid));
  return {
    pid: row === undefined ? null : idOrNull(row.pid),
    tid,
    uid: u32OrNull(trigger.uid ?? row?.uid ?? null),
    comm: trigger.comm,
    startUs: null,
    adj: trigger.adj ?? row?.adj ?? null,
    cgroupId: null,
    cgroupPath: null,
  };
}

function choiceOf(report: OomReport, { candidates }: LogBallot, times: ReportTimes): OomChoice | null {
  const chosen = report.choice ?? report.killed.find(({ why }) => why === 'chosen');
  const process = chosen === undefined ? null : processOf(report, chosen);
  if (chosen === undefined || process === null) return null;
  const candidate = candidates.find(({ tid, pid }) => tid === chosen.pid || pid === process.pid);
  return {
    process: { ...process, cgroupPath: report.victimCgroup },
    choiceUs: times.at(chosen.time),
    how: report.allocatingTask ? 'allocating-task' : 'selected',
    points: report.allocatingTask ? null : (candidate?.points ?? null),
    score: report.choice?.score ?? null,
  };
}

const MISSING: Readonly<Record<ReportPart, Approximation>> = {
  header: 'header-missing',
  memory: 'memory-missing',
  tasks: 'tasks-missing',
  kill: 'kill-missing',
};

function approximationsOf(
  { missing }: OomReport,
  { approximations, candidates }: LogBallot,
  doubts: readonly Approximation[],
): Approximation[] {
  const parts = missing
    // A table without its header is one whose rows may be missing.
    .filter((part) => part !== 'tasks' || candidates.length === 0)
    .filter((part) => part !== 'memory' || !approximations.includes('memory-not-printed'))
    .map((part) => MISSING[part]);
  return [...parts, ...approximations, ...doubts];
}
