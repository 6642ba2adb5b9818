import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { adjPages } from './badness.js';
import { whyNoPrediction } from './selection.js';
import { firstToDie, type Weights, weigh } from './weights.js';

/** The selection of an episode as numbers, so that it can be run again with something changed. By index in the kernel's order. */
export interface Contest {
  readonly candidates: readonly Candidate[];
  /** Points without the share of adj; −Infinity = passed over whatever its adj, Infinity = it asked to be killed first. */
  readonly memoryPages: Float64Array;
  readonly adjs: Float64Array;
  readonly totalPages: number;
  readonly pageSizeBytes: number;
  /** Least points of whoever may be chosen: 1 before Linux 5.9 (9066e5cfb73c), none since. */
  readonly floor: number;
}

/** What is changed. Everything else stays as it was recorded. */
export interface Change {
  /** By candidate, as it stands in the episode. */
  readonly adj?: ReadonlyMap<Candidate, number>;
  /** Another limit, or node, at the same memory: it changes what an adj weighs. */
  readonly totalPages?: number;
}

export const ADJ_MIN = -1000;
export const ADJ_MAX = 1000;

export type ContestOf =
  /** `winner`: the index of who was chosen. */
  | { readonly kind: 'contest'; readonly contest: Contest; readonly winner: number }
  /** Why nothing can be computed from this record, as a clause. */
  | { readonly kind: 'none'; readonly reason: string };

/** The contest of an episode, where its record is whole and leads to the kernel's own choice. */
export function contestOf(
  episode: EpisodeEvent,
  weights: Weights = weigh(episode.candidates, episode.pageSizeBytes),
): ContestOf {
  const { candidates, totalPages, pageSizeBytes, choice } = episode;
  if (episode.attachMode === 'log')
    return none('the points of a log are recomputed from what it printed after the choice');
  switch (whyNoPrediction(episode)) {
    case 'no-selection':
      return none('the kernel did not compare processes');
    case 'incomplete':
      return none('candidates are missing from the record');
    case null:
      break;
  }
  if (weights.dying !== -1) return none('an earlier victim was still dying, so nobody was compared');
  const winner = firstToDie(weights.points);
  const chosen = candidates[winner];
  if (chosen === undefined) return none('no process could be killed');
  if (totalPages === null) return none('what the kernel scales oom_score_adj by was not recorded');
  if (choice !== null && choice.process.pid !== chosen.pid) {
    return none('the recorded points lead to another process than the one that was chosen');
  }
  const { memoryPages, floor } = withoutAdj(candidates, weights, totalPages);
  return {
    kind: 'contest',
    contest: { candidates, memoryPages, adjs: weights.adjs, totalPages, pageSizeBytes, floor },
    winner,
  };
}

/** Whom the kernel would have chosen with this change, everything else as it was; null = nobody could have been killed. */
export function choose(contest: Contest, { adj, totalPages }: Change = {}): Candidate | null {
  const points = contest.adjs.map((own, index) => {
    const changed = adj?.get(contest.candidates[index] as Candidate);
    return pointsAt(contest, index, changed ?? own, totalPages);
  });
  return contest.candidates[firstToDie(points)] ?? null;
}

/** What the kernel would compare: −Infinity = passed over. */
export function pointsAt(
  contest: Contest,
  index: number,
  adj: number = contest.adjs[index] as number,
  totalPages: number = contest.totalPages,
): number {
  const pages = contest.memoryPages[index] as number;
  if (!Number.isFinite(pages)) return pages;
  if (adj === ADJ_MIN) return Number.NEGATIVE_INFINITY;
  return Math.max(contest.floor, pages + adjPages(adj, totalPages));
}

/**
 * From the kernel's own points where it gave some, so that what it read, and not what we read a moment later, decides.
 * Of a process that its adj of −1000 kept out the memory is all there is.
 */
function withoutAdj(
  candidates: readonly Candidate[],
  { points, memoryPages, adjs }: Weights,
  totalPages: number,
): Pick<Contest, 'memoryPages' | 'floor'> {
  let floor = Number.NEGATIVE_INFINITY;
  const pages = points.map((own, index) => {
    const held = memoryPages[index] as number;
    const share = adjPages(adjs[index] as number, totalPages);
    if (own === Number.NEGATIVE_INFINITY) return candidates[index]?.status === 'skipped-adj-min' ? held : own;
    if (own !== 1 || held + share >= 1) return own - share;
    // The record itself tells: a candidate that is worth less than 1 has 1.
    floor = 1;
    return held;
  });
  return { memoryPages: pages, floor };
}

function none(reason: string): ContestOf {
  return { kind: 'none', reason };
}
