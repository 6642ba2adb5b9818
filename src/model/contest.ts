import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { adjPages, badnessPoints, memoryPages, pointParts } from './badness.js';
import { predictVictim, type Selection, select } from './selection.js';

/** The selection of an episode as numbers, so that it can be run again with something changed. */
export interface Contest {
  /** In the kernel's order. */
  readonly entrants: readonly Entrant[];
  readonly totalPages: number;
  readonly pageSizeBytes: number;
  /** Least points of whoever may be chosen: 1 before Linux 5.9 (9066e5cfb73c), none since. */
  readonly floor: number;
}

export interface Entrant {
  readonly candidate: Candidate;
  /** Its points without the share of its adj; null = passed over whatever its adj. Infinity = it asked to die first. */
  readonly memoryPages: number | null;
}

/** What is changed. Everything else stays as it was recorded. */
export interface Change {
  /** By candidate, as it stands in the episode. */
  readonly adj?: ReadonlyMap<Candidate, number>;
  /** Another limit, or node, at the same memory: it changes what an adj weighs. */
  readonly totalPages?: number;
  /** They are gone. */
  readonly without?: ReadonlySet<Candidate>;
}

export const ADJ_MIN = -1000;
export const ADJ_MAX = 1000;

export type ContestOf =
  | { readonly kind: 'contest'; readonly contest: Contest; readonly winner: Entrant }
  /** Why nothing can be computed from this record, as a clause. */
  | { readonly kind: 'none'; readonly reason: string };

/** The contest of an episode, where its record is whole and leads to the kernel's own choice. */
export function contestOf(episode: EpisodeEvent): ContestOf {
  if (episode.attachMode === 'log')
    return none('the points of a log are recomputed from what it printed after the choice');
  const prediction = predictVictim(episode);
  switch (prediction.kind) {
    case 'no-selection':
      return none('the kernel did not compare processes');
    case 'incomplete':
      return none('candidates are missing from the record');
    case 'dying':
      return none('an earlier victim was still dying, so nobody was compared');
    case 'none':
      return none('no process could be killed');
    case 'victim':
      break;
  }
  const { totalPages, pageSizeBytes, choice } = episode;
  if (totalPages === null) return none('what the kernel scales oom_score_adj by was not recorded');
  if (choice !== null && choice.process.pid !== prediction.candidate.pid) {
    return none('the recorded points lead to another process than the one that was chosen');
  }
  let floor = Number.NEGATIVE_INFINITY;
  let winner: Entrant | null = null;
  const entrants: Entrant[] = [];
  for (const candidate of episode.candidates) {
    const entrant = { candidate, memoryPages: contestPages(candidate, episode) };
    entrants.push(entrant);
    if (candidate === prediction.candidate) winner = entrant;
    // The record itself tells: a candidate that is worth less than 1 has 1.
    if (isRaisedToFloor(candidate, episode)) floor = 1;
  }
  if (winner === null) return none('the chosen process is missing from the record');
  return { kind: 'contest', contest: { entrants, totalPages, pageSizeBytes, floor }, winner };
}

/** Whom the kernel would have chosen with this change, everything else as it was. */
export function choose(contest: Contest, change: Change = {}): Selection<Entrant> {
  const { without } = change;
  const left =
    without === undefined ? contest.entrants : contest.entrants.filter((each) => !without.has(each.candidate));
  const selection = select(
    left.map((entrant) => {
      const { candidate } = entrant;
      const points = entrantPoints(contest, entrant, change.adj?.get(candidate), change.totalPages);
      const status = points === null || candidate.status !== 'skipped-adj-min' ? candidate.status : 'scored';
      return { entrant, status, points: points === Number.POSITIVE_INFINITY ? null : points };
    }),
  );
  return selection.kind === 'none' ? selection : { kind: selection.kind, candidate: selection.candidate.entrant };
}

/** What the kernel would compare; null = passed over. */
export function entrantPoints(
  contest: Contest,
  { candidate, memoryPages: pages }: Entrant,
  adj = candidate.adj,
  totalPages = contest.totalPages,
): number | null {
  if (pages === null || pages === Number.POSITIVE_INFINITY) return pages;
  if (adj === ADJ_MIN) return null;
  return Math.max(contest.floor, pages + adjPages(adj, totalPages));
}

function none(reason: string): ContestOf {
  return { kind: 'none', reason };
}

/**
 * From the kernel's own points where it gave some, so that what it read, and not what we read a moment later, decides.
 * Of a process that its adj of −1000 kept out the memory is all there is.
 */
function contestPages(candidate: Candidate, episode: EpisodeEvent): number | null {
  switch (candidate.status) {
    case 'oom-origin':
      return Number.POSITIVE_INFINITY;
    case 'scored':
      if (candidate.points === null) return null;
      if (isRaisedToFloor(candidate, episode)) return memoryOf(candidate, episode);
      return candidate.points - adjPages(candidate.adj, episode.totalPages ?? 0);
    case 'skipped-adj-min':
      return memoryOf(candidate, episode);
    default:
      return null;
  }
}

function memoryOf(candidate: Candidate, episode: EpisodeEvent): number {
  return memoryPages(pointParts(candidate, episode.totalPages, episode.pageSizeBytes));
}

function isRaisedToFloor(candidate: Candidate, episode: EpisodeEvent): boolean {
  if (candidate.points !== 1) return false;
  const recomputed = badnessPoints(candidate, episode.totalPages, episode.pageSizeBytes);
  return recomputed !== null && recomputed < 1;
}
