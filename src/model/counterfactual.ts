import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { isInside } from './cgroup-tree.js';
import { ADJ_MAX, ADJ_MIN, type Contest, contestOf, type Entrant, entrantPoints } from './contest.js';

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

export function counterfactuals(episode: EpisodeEvent): Counterfactuals {
  const made = contestOf(episode);
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
 * For each candidate that can do it alone the smallest change of its adj that changes the victim. Linear in candidates:
 * one wins when it has at least the points of all before it and more than all after it, and points only rise with adj.
 */
export function adjChanges(contest: Contest, winner: Entrant): AdjChange[] {
  const { entrants } = contest;
  const points = Float64Array.from(entrants, (entrant) => entrantPoints(contest, entrant) ?? Number.NEGATIVE_INFINITY);
  const bestAfter = new Float64Array(entrants.length + 1).fill(Number.NEGATIVE_INFINITY);
  for (let index = entrants.length - 1; index >= 0; index--) {
    bestAfter[index] = Math.max(bestAfter[index + 1] ?? 0, points[index] ?? 0);
  }
  const changes: AdjChange[] = [];
  let bestBefore = Number.NEGATIVE_INFINITY;
  for (const [index, entrant] of entrants.entries()) {
    const after = bestAfter[index + 1] ?? Number.NEGATIVE_INFINITY;
    const before = bestBefore;
    bestBefore = Math.max(before, points[index] ?? 0);
    // Of a large ballot most cannot win: nothing is made for them.
    if (entrant !== winner && !isAhead(entrantPoints(contest, entrant, ADJ_MAX), before, after)) continue;
    const wins = (adj: number) => isAhead(entrantPoints(contest, entrant, adj), before, after);
    const change = entrant === winner ? loweredVictim(contest, points, index, wins) : raisedCandidate(entrant, wins);
    if (change !== null) changes.push(change);
  }
  return changes.sort((a, b) => Math.abs(a.delta) - Math.abs(b.delta));
}

function isAhead(points: number | null, before: number, after: number): boolean {
  return points !== null && points >= before && points > after;
}

/** The highest adj with which the victim is no longer chosen. */
function loweredVictim(
  contest: Contest,
  points: Float64Array,
  index: number,
  wins: (adj: number) => boolean,
): AdjChange | null {
  const entrant = contest.entrants[index];
  if (entrant === undefined || wins(ADJ_MIN)) return null;
  const { candidate } = entrant;
  const adj = firstTrue(ADJ_MIN, candidate.adj, wins) - 1;
  const lowered = points.with(index, entrantPoints(contest, entrant, adj) ?? Number.NEGATIVE_INFINITY);
  const next = contest.entrants[firstToDie(lowered)];
  return { candidate, adj, delta: adj - candidate.adj, victim: next?.candidate ?? null };
}

/** The index that the kernel would choose: of equals the last; −Infinity = passed over. −1 = nobody. */
function firstToDie(points: Float64Array): number {
  // As the kernel walks, but on bare numbers: of a large ballot objects would cost more than the comparisons.
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < points.length; index++) {
    const own = points[index] ?? Number.NEGATIVE_INFINITY;
    if (own < most || own === Number.NEGATIVE_INFINITY) continue;
    best = index;
    most = own;
  }
  return best;
}

/** The lowest adj with which it is chosen instead, given that it is with the highest. */
function raisedCandidate({ candidate }: Entrant, wins: (adj: number) => boolean): AdjChange {
  const adj = firstTrue(candidate.adj, ADJ_MAX, wins);
  return { candidate, adj, delta: adj - candidate.adj, victim: candidate };
}

/** The first of `from` … `to` for which it holds, given that it holds for `to` and, once true, stays true. */
function firstTrue(from: number, to: number, holds: (value: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first `count` to die, each with the others of before gone and nothing else changed. */
export function deathOrder(contest: Contest, count: number): Candidate[] {
  const { entrants } = contest;
  const points = Float64Array.from(entrants, (entrant) => entrantPoints(contest, entrant) ?? Number.NEGATIVE_INFINITY);
  const order: Candidate[] = [];
  while (order.length < count) {
    const best = firstToDie(points);
    const next = entrants[best];
    if (next === undefined) break;
    points[best] = Number.NEGATIVE_INFINITY;
    order.push(next.candidate);
  }
  return order;
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
  const entrants = contest.entrants.filter(({ candidate }) => isInside(candidate.cgroupPath, path));
  const totalPages = Math.floor(limitBytes / contest.pageSizeBytes);
  const own = { ...contest, entrants };
  const order = deathOrder(
    { ...own, totalPages },
    entrants.length > DEATH_ORDER_MAX ? DEATH_ORDER_MAX : entrants.length,
  );
  return {
    hitFirst: heldBytes === null ? null : heldBytes > limitBytes,
    candidates: order,
    victim: order[0] ?? null,
    certain: order.length === 1,
  };
}
