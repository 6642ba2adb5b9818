import type { Approximation, Candidate } from '../events/episode.js';
import { amountOrNull, idOrNull, u32OrNull } from './kernel-numbers.js';
import { type RecomputedCandidate, recomputeBallot } from './recompute.js';
import type { OomReport, TaskRow } from './report.js';

/** The ballot of a report as an episode has it. */
export interface LogBallot {
  readonly candidates: readonly Candidate[];
  readonly totalPages: number | null;
  readonly pageSizeBytes: number | null;
  /** The table is whole, as far as can be told. */
  readonly isWhole: boolean;
  readonly approximations: readonly Approximation[];
}

export function ballotOf(report: OomReport): LogBallot {
  const ballot = recomputeBallot(report);
  if (ballot === null) {
    return { candidates: [], totalPages: null, pageSizeBytes: null, isWhole: false, approximations: [] };
  }
  const candidates = ballot.candidates.flatMap((row) => candidateOf(row, report, ballot.pageSizeBytes) ?? []);
  const rowsMissing = candidates.length < ballot.candidates.length || ballot.doubts.includes('rows-missing');
  const doubts = new Set<Approximation>(['points-recomputed', ...ballot.doubts]);
  if (rowsMissing) doubts.add('rows-missing');
  return {
    candidates,
    totalPages: amountOrNull(ballot.totalPages),
    pageSizeBytes: ballot.pageSizeBytes,
    isWhole: !rowsMissing && !report.missing.includes('kill'),
    approximations: [...doubts],
  };
}

/** Null = a row that no kernel can have printed. */
function candidateOf(
  { row, pageTableBytes, points }: RecomputedCandidate,
  report: OomReport,
  pageSizeBytes: number,
): Candidate | null {
  const tid = idOrNull(row.tid);
  const uid = u32OrNull(row.uid);
  if (tid === null || uid === null) return null;
  const bytes = (pages: number | null) => (pages === null ? null : amountOrNull(pages * pageSizeBytes));
  const hasTables = row.pageTableBytes !== null || row.pageTablePages !== null;
  const isChosen = report.choice !== null && isProcess(row, report.choice.pid);
  return {
    pid: idOrNull(row.pid) ?? tid,
    tid,
    uid,
    comm: row.comm,
    startUs: null,
    adj: row.adj,
    cgroupId: null,
    cgroupPath: isChosen ? report.victimCgroup : null,
    rssBytes: row.rssAnonPages === null ? bytes(row.rssPages) : null,
    rssAnonBytes: bytes(row.rssAnonPages),
    rssFileBytes: bytes(row.rssFilePages),
    rssShmemBytes: bytes(row.rssShmemPages),
    swapBytes: bytes(row.swapPages),
    pageTableBytes: hasTables ? amountOrNull(pageTableBytes) : null,
    status: row.adj === ADJ_MIN ? 'skipped-adj-min' : 'scored',
    points: amountOrNull(points),
  };
}

const ADJ_MIN = -1000;

/** The kernel names a process by its first thread, or by one that still has its memory. */
export function isProcess(row: TaskRow, id: number): boolean {
  return row.tid === id || row.pid === id;
}
