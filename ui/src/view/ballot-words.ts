import type { MemoryPart } from './ballot-geometry.js';

export const PART_WORDS: Readonly<Record<MemoryPart, string>> = {
  rss: 'resident',
  anon: 'anon',
  file: 'file',
  shmem: 'shmem',
  swap: 'swap',
  pageTables: 'page tables',
};

/** What each part is, for who hovers or asks. */
export const PART_MEANINGS: Readonly<Record<MemoryPart | 'adj', string>> = {
  rss: 'memory of a kind that the log does not tell: anon, file and shmem in one',
  anon: 'private memory: heap and stacks',
  file: 'mapped files that are in memory',
  shmem: 'shared memory and tmpfs that it has mapped',
  swap: 'what of it was swapped out',
  pageTables: 'the page tables themselves',
  adj: 'oom_score_adj times a thousandth of the memory that was to be shared',
};
