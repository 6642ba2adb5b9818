import type { PointParts } from '../../../src/model/badness.js';
import type { Ballot, BallotRow } from '../../../src/model/ballot.js';

/** The parts that stack up to the right of zero, in the order of the formula. */
export const MEMORY_PARTS = ['rss', 'anon', 'file', 'shmem', 'swap', 'pageTables'] as const;
export type MemoryPart = (typeof MEMORY_PARTS)[number];

/**
 * One scale for all bars of a ballot, zero at the same place in each. Fractions of the bar's width. A process protected
 * by a large negative adj would squeeze all others into nothing, so the left side gets at most LEFT_AT_MOST; what does
 * not fit is drawn with a break, and its number stands beside it.
 */
export interface BarScale {
  readonly zero: number;
  readonly perPage: number;
}

export interface BarSegment {
  readonly part: MemoryPart | 'adj';
  readonly left: number;
  readonly width: number;
  /** It goes on beyond the edge. */
  readonly broken: boolean;
}

export interface Bar {
  readonly segments: readonly BarSegment[];
  /** Where the points lie; null = none, or beyond the left edge. */
  readonly points: number | null;
}

const LEFT_AT_MOST = 0.3;

export function barScale(ballot: Ballot): BarScale {
  const negativePages = ballot.rows.reduce((most, row) => Math.max(most, -drawnAdj(row)), 0);
  const zero = Math.min(LEFT_AT_MOST, negativePages / (negativePages + ballot.scalePages));
  return { zero, perPage: (1 - zero) / ballot.scalePages };
}

export function barOf(row: BallotRow, scale: BarScale): Bar {
  const segments: BarSegment[] = [];
  let right = scale.zero;
  const stack = (part: BarSegment['part'], pages: number) => {
    if (pages <= 0) return;
    const width = pages * scale.perPage;
    segments.push({ part, left: right, width, broken: false });
    right += width;
  };
  for (const part of MEMORY_PARTS) stack(part, row.parts[part]);
  const adj = drawnAdj(row);
  if (adj > 0) stack('adj', adj);
  if (adj < 0) {
    const wanted = -adj * scale.perPage;
    const width = Math.min(wanted, scale.zero);
    // A rounding error is no break.
    segments.unshift({ part: 'adj', left: scale.zero - width, width, broken: wanted > width + 1e-9 });
  }
  return { segments, points: pointsAt(row, scale) };
}

/** The share of adj where it was part of a decision: of one who was passed over nothing was added up. */
function drawnAdj(row: { readonly rank: number | null; readonly parts: PointParts }): number {
  return row.rank === null ? 0 : (row.parts.adj ?? 0);
}

function pointsAt(row: BallotRow, scale: BarScale): number | null {
  const { points } = row.candidate;
  if (points === null) return null;
  const at = scale.zero + points * scale.perPage;
  return at < 0 ? null : Math.min(at, 1);
}
