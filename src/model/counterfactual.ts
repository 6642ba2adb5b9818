import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { adjPages } from './badness.js';
import { isInside } from './cgroup-tree.js';
import { ADJ_MAX, ADJ_MIN, type Contest, contestOf, pointsAt } from './contest.js';
import { firstToDie, type Weights, weigh } from './weights.js';

/** What would have happened had one thing been otherwise, exact from the recorded ballot. */
export type Counterfactuals =
  | {
      readonly kind: 'known';
      readonly contest: Contest;
      /** The smallest change for each candidate that can change the victim alone, smallest first. */
      readonly adjChanges: readonly AdjChange[];
      /** In which order they die, the victim first, if nothing changes but that each is gone. */
      readonly deathOrder: readonly Candidate[];
    }
  /** Why nothing can be said, as a clause. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** One candidate's oom_score_adj, changed as little as changes the victim. */
export interface AdjChange {
  readonly candidate: Candidate;
  /** To this value, or beyond it. */
  readonly adj: number;
  /** Signed: below 0 it has to be lowered. */
  readonly delta: number;
  /** Who would have died; null = nobody could have been killed. */
  readonly victim: Candidate | null;
}

/** Who dies after whom is told so far. */
const DEATH_ORDER_MAX = 10;

export function counterfactuals(
  episode: EpisodeEvent,
  weights: Weights = weigh(episode.candidates, episode.pageSizeBytes),
): Counterfactuals {
  const made = contestOf(episode, weights);
  if (made.kind === 'none') return { kind: 'unknown', reason: made.reason };
  const { contest, winner } = made;
  return {
    kind: 'known',
    contest,
    adjChanges: adjChanges(contest, winner),
    deathOrder: deathOrder(contest, DEATH_ORDER_MAX),
  };
}

/**
 * For each candidate that can do it alone the smallest change of its adj that changes the victim, smallest first. Linear in
 * candidates: one wins when it has at least the points of all before it and more than all after it, and points only rise
 * with adj. `winner`: the index of the victim.
 */
export function adjChanges(contest: Contest, winner: number): AdjChange[] {
  const { candidates, memoryPages, adjs } = contest;
  const points = recordedPoints(contest);
  const bestAfter = new Float64Array(points.length + 1).fill(Number.NEGATIVE_INFINITY);
  for (let index = points.length - 1; index >= 0; index--) {
    bestAfter[index] = Math.max(bestAfter[index + 1] as number, points[index] as number);
  }
  const changes: AdjChange[] = [];
  let bestBefore = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < points.length; index++) {
    // Points are whole.
    const needed = Math.max(bestBefore, (bestAfter[index + 1] as number) + 1);
    bestBefore = Math.max(bestBefore, points[index] as number);
    // Whatever the adj of who is passed over, or asked to die first: it changes nothing. Most of the others cannot win.
    if (!Number.isFinite(memoryPages[index]) || pointsAt(contest, index, ADJ_MAX) < needed) continue;
    const adj = lowestAdj(contest, index, needed) - (index === winner ? 1 : 0);
    const victim = index === winner ? withAdj(contest, points, index, adj) : (candidates[index] ?? null);
    changes.push({ candidate: candidates[index] as Candidate, adj, delta: adj - (adjs[index] as number), victim });
  }
  return changes.sort((a, b) => Math.abs(a.delta) - Math.abs(b.delta));
}

/** The lowest adj with which it has as many points, given that it has them with the highest. With −1000 nobody has any. */
function lowestAdj({ memoryPages, totalPages, floor }: Contest, index: number, points: number): number {
  const pagesPerAdj = adjPages(1, totalPages);
  if (points <= floor || pagesPerAdj === 0) return ADJ_MIN + 1;
  // "+ 0" turns −0 into 0.
  return Math.max(ADJ_MIN + 1, Math.ceil((points - (memoryPages[index] as number)) / pagesPerAdj) + 0);
}

/** Who dies when this one has another adj. */
function withAdj(contest: Contest, points: Float64Array, index: number, adj: number): Candidate | null {
  return contest.candidates[firstToDie(points.with(index, pointsAt(contest, index, adj)))] ?? null;
}

/** The first `count` to die, each with the others of before gone and nothing else changed. */
export function deathOrder(contest: Contest, count: number): Candidate[] {
  const points = recordedPoints(contest);
  const order: Candidate[] = [];
  while (order.length < count) {
    const best = firstToDie(points);
    const next = contest.candidates[best];
    if (next === undefined) break;
    points[best] = Number.NEGATIVE_INFINITY;
    order.push(next);
  }
  return order;
}

function recordedPoints(contest: Contest): Float64Array {
  return contest.memoryPages.map((_, index) => pointsAt(contest, index));
}

/** What a limit on one cgroup would have changed. */
export interface OwnLimit {
  /** It held more: this limit would have been hit before the one that was. Null = what it held is not recorded. */
  readonly hitFirst: boolean | null;
  /** The processes in it that could have been killed, at most to die first. Nobody outside can be chosen then. */
  readonly candidates: readonly Candidate[];
  /** Who would have died; null = nobody could have been. */
  readonly victim: Candidate | null;
  /** Only one could have died. Else it is judged by what they held later, when the recorded kill came. */
  readonly certain: boolean;
}

/** As if the cgroup at `path` had had `limitBytes`; `heldBytes`: what it held that cannot be reclaimed when the recorded kill came. */
export function withOwnLimit(contest: Contest, path: string, limitBytes: number, heldBytes: number | null): OwnLimit {
  const inside = [...contest.candidates.keys()].filter((index) =>
    isInside((contest.candidates[index] as Candidate).cgroupPath, path),
  );
  const own: Contest = {
    ...contest,
    candidates: inside.map((index) => contest.candidates[index] as Candidate),
    memoryPages: Float64Array.from(inside, (index) => contest.memoryPages[index] as number),
    adjs: Float64Array.from(inside, (index) => contest.adjs[index] as number),
    totalPages: Math.floor(limitBytes / contest.pageSizeBytes),
  };
  const order = deathOrder(own, DEATH_ORDER_MAX);
  return {
    hitFirst: heldBytes === null ? null : heldBytes > limitBytes,
    candidates: order,
    victim: order[0] ?? null,
    certain: order.length === 1,
  };
}
