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
  let scalePages = 1;
  // Made in the kernel's order, in which they lie in memory, and put into theirs afterwards: there may be ten thousand.
  const made = episode.candidates.map((candidate): BallotRow & { rank: number | null } => {
    const parts = pointParts(candidate, episode.totalPages, episode.pageSizeBytes);
    scalePages = Math.max(scalePages, memoryPages(parts) + Math.max(0, parts.adj ?? 0));
    return {
      candidate,
      rank: null,
      parts,
      check: checkParts(candidate, parts, episode),
      chosen: sameProcess(candidate, episode.choice?.process ?? null),
      trigger: sameProcess(candidate, episode.trigger),
      note: noteOf(candidate),
    };
  });
  const { eligible, passedOver } = inOrder(episode.candidates);
  const rows = [...eligible, ...passedOver].map((index) => made[index] as (typeof made)[number]);
  for (let index = 0; index < eligible.length; index++) {
    const row = rows[index];
    if (row !== undefined) row.rank = index + 1;
  }
  return {
    rows,
    margin: marginOf(episode, rows),
    withoutVictimAdj: withoutVictimAdj(episode),
    scalePages,
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

/** By index. Of equals the later evaluated one is chosen, so it stands first. Those passed over keep the kernel's order. */
function inOrder(candidates: readonly Candidate[]): { eligible: number[]; passedOver: number[] } {
  const points = Float64Array.from(candidates, (candidate) => contestPoints(candidate) ?? Number.NaN);
  const of = (index: number) => points[index] ?? Number.NaN;
  const indexes = [...points.keys()];
  return {
    eligible: indexes
      .filter((index) => !Number.isNaN(of(index)))
      .sort((a, b) => (of(a) === of(b) ? b - a : of(b) > of(a) ? 1 : -1)),
    passedOver: indexes.filter((index) => Number.isNaN(of(index))),
  };
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
  const others = [...episode.candidates];
  const index = others.findIndex((candidate) => candidate.points !== null && sameProcess(candidate, victim));
  const own = others[index];
  if (own !== undefined && own.points !== null) {
    others[index] = { ...own, points: own.points - (pointParts(own, totalPages, pageSizeBytes).adj ?? 0) };
  }
  const selection = select(others);
  return selection.kind !== 'victim' || sameProcess(selection.candidate, victim) ? null : selection.candidate;
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
