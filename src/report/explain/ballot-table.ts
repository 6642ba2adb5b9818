import { formatBytes, formatCount } from '../../base/units.js';
import { memoryPages, type PointParts } from '../../model/badness.js';
import type { BallotRow } from '../../model/ballot.js';

/** The parts of a candidate's points, in the order in which they are told. */
export const PARTS = [
  ['anon', 'anon'],
  ['file', 'file'],
  ['shmem', 'shmem'],
  ['swap', 'swap'],
  ['pageTables', 'page tables'],
  ['adj', 'oom_score_adj'],
] as const satisfies readonly (readonly [keyof PointParts, string])[];

export const BALLOT_HEAD = ['', 'process', 'points', 'memory', ...PARTS.map(([, name]) => name)] as const;

/** A row of the ballot as text: points and parts in pages, as the kernel adds them up. Names are not escaped. */
export function ballotCells({ candidate, parts, chosen, rank, note }: BallotRow, pageSizeBytes: number): string[] {
  const points = candidate.points === null ? (rank === null ? '–' : 'first') : formatCount(candidate.points);
  return [
    chosen ? '►' : rank === null ? '' : String(rank),
    `${candidate.comm} (pid ${candidate.pid})${note === null ? '' : `: ${note}`}`,
    points,
    formatBytes(memoryPages(parts) * pageSizeBytes),
    ...PARTS.map(([part]) => {
      const pages = parts[part];
      return pages === null ? '?' : formatCount(pages);
    }),
  ];
}

/** The first `count` rows; the chosen one is always among them. */
export function shownRows(rows: readonly BallotRow[], count: number): { shown: readonly BallotRow[]; hidden: number } {
  const shown = rows.filter((row, index) => index < count || row.chosen);
  return { shown, hidden: rows.length - shown.length };
}
