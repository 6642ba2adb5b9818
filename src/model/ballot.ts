import type { Candidate, CandidateStatus, EpisodeEvent } from '../events/episode.js';
import type { TriggerFacts } from '../events/process.js';
import { adjPages, checkParts, memoryPages, type PointParts, type PointsCheck, pointParts } from './badness.js';
import { firstToDie, type Weights, weigh } from './weights.js';

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
export function rankBallot(
  episode: BallotInput,
  weights: Weights = weigh(episode.candidates, episode.pageSizeBytes),
): Ballot {
  const victim = episode.choice?.process ?? null;
  const rowOf = (index: number, rank: number | null): BallotRow => {
    const candidate = episode.candidates[index] as Candidate;
    const parts = pointParts(candidate, episode.totalPages, episode.pageSizeBytes);
    return {
      candidate,
      rank,
      parts,
      check: checkParts(candidate, parts, episode),
      chosen: sameProcess(candidate, victim),
      trigger: sameProcess(candidate, episode.trigger),
      note: noteOf(candidate),
    };
  };
  const { eligible, passedOver } = inOrder(weights);
  const rows = [
    ...eligible.map((index, place) => rowOf(index, place + 1)),
    ...passedOver.map((index) => rowOf(index, null)),
  ];
  return {
    rows,
    margin: marginOf(episode, rows),
    withoutVictimAdj: withoutVictimAdj(episode, weights),
    scalePages: scaleOf(episode, weights),
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
function inOrder({ points }: Weights): { eligible: number[]; passedOver: number[] } {
  const eligible: number[] = [];
  const passedOver: number[] = [];
  for (let index = 0; index < points.length; index++) {
    (points[index] === Number.NEGATIVE_INFINITY ? passedOver : eligible).push(index);
  }
  // Two that asked to die first differ by NaN.
  eligible.sort((a, b) => (points[b] as number) - (points[a] as number) || b - a);
  return { eligible, passedOver };
}

function scaleOf({ totalPages }: BallotInput, { memoryPages: held, adjs }: Weights): number {
  let most = 1;
  for (let index = 0; index < adjs.length; index++) {
    const added = totalPages === null ? 0 : Math.max(0, adjPages(adjs[index] as number, totalPages));
    most = Math.max(most, (held[index] as number) + added);
  }
  return most;
}

function marginOf(episode: BallotInput, rows: readonly BallotRow[]): Margin | null {
  const points = episode.choice?.how === 'selected' ? episode.choice.points : null;
  if (points === null) return null;
  const runnerUp = rows.find((row) => !row.chosen && row.candidate.points !== null)?.candidate;
  if (runnerUp === undefined || runnerUp.points === null) return null;
  return { pages: points - runnerUp.points, runnerUp, atMost: episode.candidatesLost !== 0 };
}

function withoutVictimAdj(episode: BallotInput, weights: Weights): Candidate | null {
  const victim = episode.choice?.how === 'selected' ? episode.choice.process : null;
  if (victim === null || (victim.adj ?? 0) <= 0 || episode.candidatesLost !== 0 || weights.dying !== -1) return null;
  const { candidates, totalPages } = episode;
  if (totalPages === null) return null;
  const points = weights.points.slice();
  const own = candidates.findIndex((candidate) => candidate.points !== null && sameProcess(candidate, victim));
  if (own !== -1) points[own] = (points[own] as number) - adjPages(weights.adjs[own] as number, totalPages);
  const instead = candidates[firstToDie(points)];
  return instead === undefined || sameProcess(instead, victim) ? null : instead;
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
