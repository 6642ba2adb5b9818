import type { Candidate, EpisodeEvent } from '../../../src/events/episode.js';
import { type Ballot, rankBallot } from '../../../src/model/ballot.js';
import { ADJ_MIN, type Change, type Contest, choose, entrantPoints } from '../../../src/model/contest.js';

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
  const candidates = contest.entrants.map((entrant) => {
    const { candidate } = entrant;
    const adj = change.adj?.get(candidate) ?? candidate.adj;
    const points = entrantPoints(contest, entrant, adj, change.totalPages);
    const changed: Candidate = { ...candidate, adj, ...standing(candidate, adj, points) };
    recorded.set(changed, candidate);
    return changed;
  });
  const selection = choose(contest, change);
  return {
    ballot: rankBallot({ ...episode, candidates, totalPages: change.totalPages ?? episode.totalPages }),
    victim: selection.kind === 'victim' ? selection.candidate.candidate : null,
    recorded,
  };
}

/** An adj of −1000 takes a process out of the selection, and any other brings it back. */
function standing(candidate: Candidate, adj: number, points: number | null): Pick<Candidate, 'status' | 'points'> {
  if (candidate.status !== 'scored' && candidate.status !== 'skipped-adj-min') return candidate;
  if (points === null) return { status: adj === ADJ_MIN ? 'skipped-adj-min' : candidate.status, points };
  return { status: 'scored', points };
}
