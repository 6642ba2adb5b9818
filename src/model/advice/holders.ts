import type { Candidate } from '../../events/episode.js';

/** What goes with the process, and with nobody else. */
export function privateBytes({ rssAnonBytes, rssShmemBytes, swapBytes }: Candidate): number {
  return rssAnonBytes + rssShmemBytes + swapBytes;
}

/** Who holds more than all others together; null = nobody does. */
export function largestHolder(candidates: readonly Candidate[]): Candidate | null {
  const all = candidates.reduce((sum, candidate) => sum + privateBytes(candidate), 0);
  return candidates.find((candidate) => privateBytes(candidate) > all / 2) ?? null;
}
