import type { Candidate } from '../../events/episode.js';
import { unsplitBytes } from '../badness.js';

/** What goes with the process, and with nobody else; where a log has one sum, all that is resident. */
export function privateBytes(candidate: Candidate): number {
  const { rssAnonBytes, rssShmemBytes, swapBytes } = candidate;
  return unsplitBytes(candidate) + (rssAnonBytes ?? 0) + (rssShmemBytes ?? 0) + (swapBytes ?? 0);
}

/** Who holds more than all others together; null = nobody does. */
export function largestHolder(candidates: readonly Candidate[]): Candidate | null {
  const all = candidates.reduce((sum, candidate) => sum + privateBytes(candidate), 0);
  return candidates.find((candidate) => privateBytes(candidate) > all / 2) ?? null;
}
