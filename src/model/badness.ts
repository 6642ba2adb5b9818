import type { Candidate, EpisodeEvent } from '../events/episode.js';
import type { ProcessMemory } from '../events/process.js';

/**
 * What a candidate's points are made of, in pages, as oom_badness() adds them up (mm/oom_kill.c):
 * rss (anon + file + shmem) + swap entries + page tables + adj × (totalpages / 1000).
 */
export interface PointParts {
  /** Resident, of a kind that is not known: a log of a kernel before 6.8 has only the sum. */
  readonly rss: number;
  readonly anon: number;
  readonly file: number;
  readonly shmem: number;
  readonly swap: number;
  readonly pageTables: number;
  /** Signed; null = totalpages, or the adj, is not known. */
  readonly adj: number | null;
}

/** Whether the recomputed points are the kernel's own. */
export type PointsCheck =
  | { readonly kind: 'exact' }
  /** The counters moved, or are approximate, between the kernel's reading and ours. Kernel's points minus recomputed. */
  | { readonly kind: 'approximate'; readonly differencePages: number }
  /** The kernel gave no points, or its own are not known: a log has recomputed ones. */
  | { readonly kind: 'unchecked' };

/**
 * The share of oom_score_adj in the points, in pages. The kernel divides first: below 1,000 pages adj weighs nothing.
 * Exact in a double: |adj| ≤ 1000 and totalpages ≤ 2^51, so the product stays below 2^53.
 */
export function adjPages(adj: number, totalPages: number): number {
  // "+ 0" turns −0 into 0.
  return adj * Math.floor(totalPages / 1000) + 0;
}

/** Splits a candidate's memory into its parts. Bytes are whole pages, save page tables, which the kernel rounds down. */
export function pointParts(
  candidate: ProcessMemory & { readonly adj: number | null },
  totalPages: number | null,
  pageSizeBytes: number,
): PointParts {
  return {
    rss: wholePages(unsplitBytes(candidate), pageSizeBytes),
    anon: wholePages(candidate.rssAnonBytes, pageSizeBytes),
    file: wholePages(candidate.rssFileBytes, pageSizeBytes),
    shmem: wholePages(candidate.rssShmemBytes, pageSizeBytes),
    swap: wholePages(candidate.swapBytes, pageSizeBytes),
    pageTables: wholePages(candidate.pageTableBytes, pageSizeBytes),
    adj: totalPages === null || candidate.adj === null ? null : adjPages(candidate.adj, totalPages),
  };
}

/** What is not known adds nothing: such a record has no points of the kernel's to compare with. */
function wholePages(bytes: number | null, pageSizeBytes: number): number {
  return Math.floor((bytes ?? 0) / pageSizeBytes);
}

/** Resident memory that is in none of the known parts. */
export function unsplitBytes(memory: ProcessMemory): number {
  if (memory.rssBytes === null) return 0;
  const { rssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes } = memory;
  return Math.max(0, rssBytes - (rssAnonBytes ?? 0) - (rssFileBytes ?? 0) - (rssShmemBytes ?? 0));
}

/** Pages that the process holds, adj left out. */
export function memoryPages(parts: PointParts): number {
  return parts.rss + parts.anon + parts.file + parts.shmem + parts.swap + parts.pageTables;
}

/** oom_badness(), recomputed; null where totalpages is not known. */
export function badnessPoints(
  candidate: ProcessMemory & { readonly adj: number | null },
  totalPages: number | null,
  pageSizeBytes: number,
): number | null {
  const parts = pointParts(candidate, totalPages, pageSizeBytes);
  return parts.adj === null ? null : memoryPages(parts) + parts.adj;
}

/** Compares a candidate's recomputed points with the kernel's. */
export function checkCandidate(
  candidate: Candidate,
  episode: Pick<EpisodeEvent, 'totalPages' | 'pageSizeBytes'> & Partial<Pick<EpisodeEvent, 'attachMode'>>,
): PointsCheck {
  return checkParts(candidate, pointParts(candidate, episode.totalPages, episode.pageSizeBytes), episode);
}

/** The same where its parts are computed already. */
export function checkParts(
  { points }: Candidate,
  parts: PointParts,
  { attachMode }: Partial<Pick<EpisodeEvent, 'attachMode'>>,
): PointsCheck {
  if (attachMode === 'log' || points === null || parts.adj === null) return UNCHECKED;
  const differencePages = points - memoryPages(parts) - parts.adj;
  return differencePages === 0 ? EXACT : { kind: 'approximate', differencePages };
}

const EXACT: PointsCheck = { kind: 'exact' };
const UNCHECKED: PointsCheck = { kind: 'unchecked' };
