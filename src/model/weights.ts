import type { Candidate } from '../events/episode.js';
import { memoryPages as pagesOf, pointParts, unsplitBytes } from './badness.js';
import { contestPoints } from './selection.js';

/**
 * What the candidates of one ballot weigh, in the kernel's order. Read once, since of ten thousand it is the reading that costs:
 * each lies somewhere else in memory. Whatever compares them goes over these numbers.
 */
export interface Weights {
  /** What the selection compares; −Infinity = passed over, Infinity = it asked to be killed first. */
  readonly points: Float64Array;
  /** What each holds, in pages as oom_badness() rounds them; adj left out. */
  readonly memoryPages: Float64Array;
  readonly adjs: Float64Array;
  /** The first of the victims that are still dying; −1 = there is none. */
  readonly dying: number;
  /** Who holds more that goes with it, and with nobody else, than all others together; −1 = nobody does. */
  readonly largest: number;
}

export function weigh(candidates: readonly Candidate[], pageSizeBytes: number): Weights {
  const points = new Float64Array(candidates.length);
  const memoryPages = new Float64Array(candidates.length);
  const adjs = new Float64Array(candidates.length);
  let dying = -1;
  let largest = -1;
  let most = 0;
  let all = 0;
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index] as Candidate;
    if (candidate.status === 'dying' && dying === -1) dying = index;
    points[index] = contestPoints(candidate) ?? Number.NEGATIVE_INFINITY;
    memoryPages[index] = pagesOf(pointParts(candidate, null, pageSizeBytes));
    adjs[index] = candidate.adj;
    const bytes = privateBytes(candidate);
    all += bytes;
    if (bytes <= most) continue;
    most = bytes;
    largest = index;
  }
  return { points, memoryPages, adjs, dying, largest: most > all / 2 ? largest : -1 };
}

/** What goes with the process, and with nobody else; where a log has one sum, all that is resident. */
export function privateBytes(candidate: Candidate): number {
  const { rssAnonBytes, rssShmemBytes, swapBytes } = candidate;
  return unsplitBytes(candidate) + (rssAnonBytes ?? 0) + (rssShmemBytes ?? 0) + (swapBytes ?? 0);
}

/** The index that the kernel would choose: of equals the last. −1 = nobody. */
export function firstToDie(points: Float64Array): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < points.length; index++) {
    const own = points[index] as number;
    if (own < most || own === Number.NEGATIVE_INFINITY) continue;
    best = index;
    most = own;
  }
  return best;
}
