import type { Candidate, EpisodeEvent } from '../events/episode.js';

/** What select_bad_process() comes to, given the candidates in the order in which it evaluates them. */
export type Selection<C> =
  | { readonly kind: 'victim'; readonly candidate: C }
  /** A victim that is still dying was met: the selection is abandoned, nobody new is killed. */
  | { readonly kind: 'dying'; readonly candidate: C }
  /** Nothing killable. */
  | { readonly kind: 'none' };

/**
 * The kernel's choice as oom_evaluate_task() makes it (mm/oom_kill.c): points below the best so far are passed over, so
 * the last of equals wins; oom_task_origin() counts as LONG_MAX, so the last such task wins over any points; a dying
 * victim ends the walk whatever was chosen before.
 */
export function select<C extends Pick<Candidate, 'status' | 'points'>>(candidates: Iterable<C>): Selection<C> {
  let chosen: C | null = null;
  let chosenPoints = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.status === 'dying') return { kind: 'dying', candidate };
    const points = contestPoints(candidate);
    if (points === null || points < chosenPoints) continue;
    chosen = candidate;
    chosenPoints = points;
  }
  return chosen === null ? { kind: 'none' } : { kind: 'victim', candidate: chosen };
}

/** What the selection compares; null = passed over. */
export function contestPoints(candidate: Pick<Candidate, 'status' | 'points'>): number | null {
  if (candidate.status === 'oom-origin') return Number.POSITIVE_INFINITY;
  return candidate.status === 'scored' ? candidate.points : null;
}

export type Prediction =
  | Selection<Candidate>
  /** The kernel did not compare: nothing to predict. */
  | { readonly kind: 'no-selection' }
  /** Candidates are missing from the record: the prediction would be a guess. */
  | { readonly kind: 'incomplete' };

/** Whom the recorded ballot says the kernel must choose. */
export function predictVictim(episode: EpisodeEvent): Prediction {
  const kind = whyNoPrediction(episode);
  return kind === null ? select(episode.candidates) : { kind };
}

/** Null = what is recorded says whom the kernel must choose. */
export function whyNoPrediction(episode: EpisodeEvent): 'no-selection' | 'incomplete' | null {
  const { choice, outcome, candidatesLost } = episode;
  if (choice?.how === 'allocating-task' || outcome === 'trigger-dying' || outcome === 'declined') return 'no-selection';
  return outcome === 'unfinished' || candidatesLost !== 0 ? 'incomplete' : null;
}
