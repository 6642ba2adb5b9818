import { formatBytes, formatCount } from '../../base/units.js';
import { memoryPages, type PointParts } from '../../model/badness.js';
import type { BallotRow } from '../../model/ballot.js';

/** The parts of a candidate's points, in the order in which they are told. */
const PARTS = [
  ['rss', 'resident'],
  ['anon', 'anon'],
  ['file', 'file'],
  ['shmem', 'shmem'],
  ['swap', 'swap'],
  ['pageTables', 'page tables'],
  ['adj', 'oom_score_adj'],
] as const satisfies readonly (readonly [keyof PointParts, string])[];

type Part = (typeof PARTS)[number];

/** Those that are worth a column: a log may know only that memory is resident, everybody else knows of what kind. */
export function partsIn(rows: readonly BallotRow[]): readonly Part[] {
  return PARTS.filter(([part]) => part !== 'rss' || rows.some((row) => row.parts.rss > 0));
}

export function ballotHead(parts: readonly Part[]): string[] {
  return ['', 'process', 'points', 'memory', ...parts.map(([, name]) => name)];
}

/** A row of the ballot as text: points and parts in pages, as the kernel adds them up. Names are not escaped. */
export function ballotCells(row: BallotRow, shown: readonly Part[], pageSizeBytes: number): string[] {
  const { candidate, parts, chosen, rank, note } = row;
  const points = candidate.points === null ? (rank === null ? '–' : 'first') : formatCount(candidate.points);
  return [
    chosen ? '►' : rank === null ? '' : String(rank),
    `${candidate.comm} (pid ${candidate.pid})${note === null ? '' : `: ${note}`}`,
    points,
    formatBytes(memoryPages(parts) * pageSizeBytes),
    ...shown.map(([part]) => {
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
