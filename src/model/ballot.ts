import type { Candidate, CandidateStatus, EpisodeEvent } from '../events/episode.js';
import type { TriggerFacts } from '../events/process.js';
import { checkParts, memoryPages, type PointParts, type PointsCheck, pointParts } from './badness.js';
import { contestPoints, select } from './selection.js';

/** The candidates of an episode, ranked for people: those that could be chosen first, by points. */
export interface Ballot {
  readonly rows: readonly BallotRow[];
  /** Points between the chosen process and the runner-up; null = no two to compare. */
  readonly margin: Margin | null;
  /** Who would have been chosen had the victim's oom_score_adj been 0; null = the same, or not known. */
  readonly withoutVictimAdj: Candidate | null;
  /** The widest bar, in pages: the most that the positive parts of one row add up to. At least 1. */
  readonly scalePages: number;
}

export interface BallotRow {
  readonly candidate: Candidate;
  /** 1 = the first to die; null = was passed over. */
  readonly rank: number | null;
  readonly parts: PointParts;
  readonly check: PointsCheck;
  readonly chosen: boolean;
  readonly trigger: boolean;
  /** Why it was passed over, or what set it apart; null = it was simply scored. */
  readonly note: string | null;
}

export interface Margin {
  readonly pages: number;
  readonly runnerUp: Candidate;
  /** Candidates were lost, and one of them may have come closer. */
  readonly atMost: boolean;
}

/** What a ballot is made of: an episode, or a selection that has not taken place. */
export type BallotInput = Pick<
  EpisodeEvent,
  'candidates' | 'candidatesLost' | 'choice' | 'trigger' | 'totalPages' | 'pageSizeBytes'
> &
  Partial<Pick<EpisodeEvent, 'attachMode'>>;

/** Ranks the ballot. Costs one sort: call it for the incident that is shown, not for all. */
export function rankBallot(episode: BallotInput): Ballot {
  const rows = episode.candidates
    .map((candidate, order): Standing => ({ candidate, order, points: contestPoints(candidate) }))
    .sort((a, b) => compareStanding(a.points, b.points) || tieBreak(a, b))
    .map(({ candidate, points }, index): BallotRow => {
      const parts = pointParts(candidate, episode.totalPages, episode.pageSizeBytes);
      return {
        candidate,
        rank: points === null ? null : index + 1,
        parts,
        check: checkParts(candidate, parts, episode),
        chosen: sameProcess(candidate, episode.choice?.process ?? null),
        trigger: sameProcess(candidate, episode.trigger),
        note: noteOf(candidate),
      };
    });
  return {
    rows,
    margin: marginOf(episode, rows),
    withoutVictimAdj: withoutVictimAdj(episode),
    scalePages: rows.reduce((widest, row) => Math.max(widest, positivePages(row.parts)), 1),
  };
}

function noteOf({ status, points }: Candidate): string | null {
  return status === 'scored' && points === null ? 'its points are not known' : STATUS_NOTES[status];
}

/** Why a candidate was passed over, in a person's words. */
const STATUS_NOTES: Readonly<Record<CandidateStatus, string | null>> = {
  scored: null,
  'oom-origin': 'asked to be killed first (oom origin)',
  'skipped-init': 'passed over: it is init',
  'skipped-not-in-domain': 'passed over: its memory is on other nodes',
  dying: 'already a victim and still dying: nobody new was chosen',
  'skipped-reaped': 'passed over: already a victim, its memory is gone',
  'skipped-adj-min': 'passed over: oom_score_adj is −1000',
  'skipped-no-mm': 'passed over: it has no memory of its own any more',
  'skipped-mm-skip': 'passed over: its memory was already reaped',
  'skipped-vfork': 'passed over: it is in vfork()',
  skipped: 'passed over: the reason was gone when it was read',
};

type Identity = Pick<TriggerFacts, 'pid' | 'startUs'>;

/** Same process, not merely the same pid. False where one is not known. */
export function sameProcess(a: Identity, b: Identity | null): boolean {
  return (
    b !== null &&
    a.pid !== null &&
    a.pid === b.pid &&
    (a.startUs === null || b.startUs === null || a.startUs === b.startUs)
  );
}

/** What the sort compares, looked up once: there may be ten thousand. */
interface Standing {
  readonly candidate: Candidate;
  readonly order: number;
  readonly points: number | null;
}

function compareStanding(left: number | null, right: number | null): number {
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  return right > left ? 1 : -1;
}

/** Of equals the later evaluated one is chosen, so it stands first. Those passed over keep the kernel's order. */
function tieBreak(a: Standing, b: Standing): number {
  return a.points === null ? a.order - b.order : b.order - a.order;
}

function marginOf(episode: BallotInput, rows: readonly BallotRow[]): Margin | null {
  const points = episode.choice?.how === 'selected' ? episode.choice.points : null;
  if (points === null) return null;
  const runnerUp = rows.find((row) => !row.chosen && row.candidate.points !== null)?.candidate;
  if (runnerUp === undefined || runnerUp.points === null) return null;
  return { pages: points - runnerUp.points, runnerUp, atMost: episode.candidatesLost !== 0 };
}

function withoutVictimAdj(episode: BallotInput): Candidate | null {
  const victim = episode.choice?.how === 'selected' ? episode.choice.process : null;
  if (victim === null || (victim.adj ?? 0) <= 0 || episode.candidatesLost !== 0) return null;
  if (episode.totalPages === null) return null;
  const { totalPages, pageSizeBytes } = episode;
  const others = episode.candidates.map((candidate) => {
    const changed = candidate.points !== null && sameProcess(candidate, victim);
    const share = changed ? (pointParts(candidate, totalPages, pageSizeBytes).adj ?? 0) : 0;
    return { candidate, status: candidate.status, points: candidate.points === null ? null : candidate.points - share };
  });
  const selection = select(others);
  if (selection.kind !== 'victim' || sameProcess(selection.candidate.candidate, victim)) return null;
  return selection.candidate.candidate;
}

/**
 * Whether adj decided: by memory alone somebody else would have been chosen. Not so where all have the same adj, though
 * without the victim's alone another one would have died.
 */
export function adjDecided({ rows, withoutVictimAdj: instead }: Ballot): boolean {
  if (instead === null) return false;
  const eligible = rows.filter(({ rank }) => rank !== null);
  const most = eligible.reduce((pages, { parts }) => Math.max(pages, memoryPages(parts)), 0);
  return eligible.some(({ chosen, parts }) => chosen && memoryPages(parts) < most);
}

function positivePages(parts: PointParts): number {
  return memoryPages(parts) + Math.max(0, parts.adj ?? 0);
}
