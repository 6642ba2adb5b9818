import type { Candidate } from '../../events/episode.js';
import { unsplitBytes } from '../badness.js';

/** What goes with the process, and with nobody else; where a log has one sum, all that is resident. */
export function privateBytes(candidate: Candidate): number {
  const { rssAnonBytes, rssShmemBytes, swapBytes } = candidate;
  return unsplitBytes(candidate) + (rssAnonBytes ?? 0) + (rssShmemBytes ?? 0) + (swapBytes ?? 0);
}

/** Who holds more than all others together; null = nobody does. */
export function largestHolder(candidates: readonly Candidate[]): Candidate | null {
  let all = 0;
  let most = 0;
  let largest: Candidate | null = null;
  for (const candidate of candidates) {
    const bytes = privateBytes(candidate);
    all += bytes;
    if (bytes <= most) continue;
    most = bytes;
    largest = candidate;
  }
  return most > all / 2 ? largest : null;
}
