import type { Field } from '../../../src/model/series/fields.js';
import type { Lines } from '../chart/lines.js';
import { type Frame, greatest, paintArea, paintGap, paintLine, paintShading } from '../chart/paint.js';
import { cssColour, hatch } from '../chart/theme.js';
import type { Gap } from '../state/series-feed.js';

interface Part {
  readonly field: Field<'stat'>;
  readonly words: string;
  readonly colour: `--${string}`;
  /** Hatched: the kernel can take it back. */
  readonly reclaimable: boolean;
}

/** From the bottom up: what only a kill gets back lies below what reclaim can drop. */
export const PARTS: readonly Part[] = [
  { field: 'anonBytes', words: 'anon', colour: '--part-anon', reclaimable: false },
  { field: 'shmemBytes', words: 'shmem', colour: '--part-shmem', reclaimable: false },
  { field: 'kernelBytes', words: 'kernel', colour: '--part-page-tables', reclaimable: false },
  { field: 'activeFileBytes', words: 'active file', colour: '--part-file', reclaimable: true },
  { field: 'inactiveFileBytes', words: 'inactive file', colour: '--part-inactive-file', reclaimable: true },
];

/** A limit that is far above is told in words: drawn, it would press the rest to the ground. */
const LIMIT_IN_SIGHT = 3;

export function paintCgroup(base: Omit<Frame, 'topValue'>, id: number, lines: Lines, gaps: readonly Gap[]): void {
  const { context, fromUs, toUs, width, scale } = base;
  const range = { fromUs, toUs, widthPx: width / scale };
  const usage = lines.get('sample', id, ['usageBytes'], range);
  const max = lines.get('sample', id, ['maxBytes'], range);
  const high = lines.get('sample', id, ['highBytes'], range);
  const used = Math.max(1, greatest(usage, fromUs, toUs));
  const limit = Math.max(greatest(max, fromUs, toUs), greatest(high, fromUs, toUs));
  const topValue = (limit > 0 && limit < used * LIMIT_IN_SIGHT ? Math.max(limit, used) : used) * 1.08;
  const frame: Frame = { ...base, topValue };
  // Each sum covers the one below it, so the tallest is painted first.
  const fields = PARTS.map(({ field }) => field);
  for (let count = PARTS.length; count > 0; count--) {
    const part = PARTS[count - 1];
    if (part === undefined) continue;
    const sum = lines.get('stat', id, fields.slice(0, count), range);
    if (part.reclaimable) {
      paintArea(frame, sum, cssColour('--panel'));
      paintArea(frame, sum, hatch(context, cssColour(part.colour), 4));
    } else paintArea(frame, sum, cssColour(part.colour));
  }
  paintLine(frame, usage, cssColour('--text'), 1.25);
  paintLine(frame, high, cssColour('--warn'), 1.25, [2, 3]);
  paintLine(frame, max, cssColour('--bad'), 1.5, [6, 3]);
  const stalled = lines.shading('stalls', id, 'stallUs', range);
  // Without the hooks of the kernel there is still PSI.
  const isMeasured = stalled.lost.values.some((value) => value > 0);
  const shading = isMeasured ? stalled : lines.shading('pressure', id, 'someUs', range);
  paintShading(frame, shading, cssColour('--bad'), 0.5);
  for (const gap of gaps) paintGap(frame, gap.fromUs, gap.toUs, hatch(context, cssColour('--quiet')));
}
