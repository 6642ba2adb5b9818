import { adjPages } from '../model/badness.js';
import { isOlderThan } from './kernel-release.js';
import type { OomReport, TaskRow } from './report.js';
import { type TotalPagesDoubt, totalPages } from './total-pages.js';

/** The ballot of a report, recomputed from its task table: the log has no points, save the chosen one's score. */
export interface RecomputedBallot {
  readonly totalPages: number | null;
  readonly pageSizeBytes: number;
  /** In the table's order, which is the kernel's order of evaluation. */
  readonly candidates: readonly RecomputedCandidate[];
  /** Why these points may not be the kernel's. The table is printed after the choice, so they never are for certain. */
  readonly doubts: readonly BallotDoubt[];
}

export interface RecomputedCandidate {
  readonly row: TaskRow;
  readonly pageTableBytes: number;
  /** In pages, as oom_badness() computes them; null = passed over for its adj of −1000, or not computable. */
  readonly points: number | null;
}

export type BallotDoubt =
  | TotalPagesDoubt
  /** Nothing in the report tells the page size: 4 KiB was assumed. */
  | 'page-size-assumed'
  /** The beginning of the table, or more of it, is missing. */
  | 'rows-missing'
  /** Kernels before 4.17 favoured processes with CAP_SYS_ADMIN by 3 %, which the log does not tell. */
  | 'root-bonus-unknown'
  /** The kernel's score of the chosen process is another one. */
  | 'score-differs'
  /** Someone else has the most points here: what the processes held changed between the choice and the table. */
  | 'choice-differs';

const ADJ_MIN = -1000;
const ASSUMED_PAGE_SIZE_BYTES = 4096;

/** Null = the report has no table, or nothing of it. */
export function recomputeBallot(report: OomReport): RecomputedBallot | null {
  const { tasks } = report;
  if (tasks === null || tasks.rows.length === 0) return null;
  const pageSizeBytes = report.pageSizeBytes ?? ASSUMED_PAGE_SIZE_BYTES;
  const total = totalPages(report, pageSizeBytes);
  const candidates = tasks.rows.map((row): RecomputedCandidate => {
    const pageTableBytes = row.pageTableBytes ?? (row.pageTablePages ?? 0) * pageSizeBytes;
    return { row, pageTableBytes, points: pointsOf(report, row, pageTableBytes, total.pages, pageSizeBytes) };
  });
  const doubts: BallotDoubt[] = [...total.doubts];
  if (report.pageSizeBytes === null) doubts.push('page-size-assumed');
  if (!tasks.headerSeen || tasks.rowsDropped > 0) doubts.push('rows-missing');
  if (hasRootBonus(report)) doubts.push('root-bonus-unknown');
  if (scoreDiffers(report, candidates, total.pages)) doubts.push('score-differs');
  if (choiceDiffers(report, candidates)) doubts.push('choice-differs');
  return { totalPages: total.pages, pageSizeBytes, candidates, doubts };
}

/** oom_badness(). Before 5.9 (9066e5cfb73c) an eligible process has one point at least. */
function pointsOf(
  report: OomReport,
  row: TaskRow,
  pageTableBytes: number,
  total: number | null,
  pageSizeBytes: number,
): number | null {
  if (row.adj === ADJ_MIN || (total === null && row.adj !== 0)) return null;
  const memory = row.rssPages + row.swapPages + Math.floor(pageTableBytes / pageSizeBytes);
  const points = memory + adjPages(row.adj, total ?? 0);
  return isOlderThan(report.kernelRelease, 5, 9) === true ? Math.max(1, points) : points;
}

/** Since 3.14 (778c14affaf9) 3 % of its points, before 30 of its adj; gone in 4.17 (d46078b28889). */
function hasRootBonus(report: OomReport): boolean {
  if (isOlderThan(report.kernelRelease, 4, 17) !== true) return false;
  return report.tasks?.rows.some((row) => row.uid === 0 && row.adj !== ADJ_MIN) === true;
}

/** The kernel prints points × 1000 / totalpages, rounded down: one off is rounding of what changed meanwhile. */
function scoreDiffers(report: OomReport, candidates: readonly RecomputedCandidate[], total: number | null): boolean {
  const score = report.choice?.score ?? null;
  const chosen = candidates.find(({ row }) => isProcess(row, report.choice?.pid));
  if (score === null || total === null || total === 0 || chosen === undefined || chosen.points === null) return false;
  return Math.abs(Math.floor((chosen.points * 1000) / total) - score) > 1;
}

function choiceDiffers(report: OomReport, candidates: readonly RecomputedCandidate[]): boolean {
  const pid = report.choice?.pid ?? report.killed[0]?.pid;
  const chosen = candidates.find(({ row }) => isProcess(row, pid));
  if (report.allocatingTask || chosen === undefined || chosen.points === null) return false;
  const { points } = chosen;
  return candidates.some((candidate) => candidate.points !== null && candidate.points > points);
}

function isProcess(row: TaskRow, id: number | undefined): boolean {
  return row.tid === id || row.pid === id;
}
