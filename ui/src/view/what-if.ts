import type { Candidate, EpisodeEvent } from '../../../src/events/episode.js';
import { type Ballot, rankBallot } from '../../../src/model/ballot.js';
import { ADJ_MIN, type Change, type Contest, choose, pointsAt } from '../../../src/model/contest.js';

/** A ballot with something changed, and who would have died by it. */
export interface WhatIf {
  readonly ballot: Ballot;
  /** As it stands in the episode; null = nobody could have been killed. */
  readonly victim: Candidate | null;
  /** From a changed candidate to the recorded one. */
  readonly recorded: ReadonlyMap<Candidate, Candidate>;
}

/** The recorded ballot, changed by a person's hand: the same model ranks it and chooses. */
export function whatIf(episode: EpisodeEvent, contest: Contest, change: Change): WhatIf {
  const recorded = new Map<Candidate, Candidate>();
  const candidates = contest.candidates.map((candidate, index) => {
    const adj = change.adj?.get(candidate) ?? candidate.adj;
    const points = pointsAt(contest, index, adj, change.totalPages);
    const changed: Candidate = { ...candidate, adj, ...standing(candidate, adj, points) };
    recorded.set(changed, candidate);
    return changed;
  });
  return {
    ballot: rankBallot({ ...episode, candidates, totalPages: change.totalPages ?? episode.totalPages }),
    victim: choose(contest, change),
    recorded,
  };
}

/** An adj of −1000 takes a process out of the selection, and any other brings it back. */
function standing(candidate: Candidate, adj: number, points: number): Pick<Candidate, 'status' | 'points'> {
  if (candidate.status !== 'scored' && candidate.status !== 'skipped-adj-min') return candidate;
  if (points === Number.NEGATIVE_INFINITY) {
    return { status: adj === ADJ_MIN ? 'skipped-adj-min' : candidate.status, points: null };
  }
  return { status: 'scored', points };
}
