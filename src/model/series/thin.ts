import type { Line } from './series.js';

/**
 * A line with at most about `points` rows that looks the same: of each stretch of time the lowest and the highest row are
 * kept, so no peak is lost. A stretch in which all is NaN keeps one such row: the hole stays a hole.
 */
export function thinned(line: Line, points: number): Line {
  const { timesUs, values } = line;
  const count = timesUs.length;
  if (count <= points || points < 2) return line;
  const fromUs = timesUs[0] ?? 0;
  const stretchUs = ((timesUs[count - 1] ?? 0) - fromUs) / Math.max(1, Math.floor(points / 2));
  const kept: number[] = [];
  for (let row = 0; row < count; ) {
    const stretch = Math.floor(((timesUs[row] ?? 0) - fromUs) / stretchUs);
    let low = row;
    let high = row;
    for (; row < count && Math.floor(((timesUs[row] ?? 0) - fromUs) / stretchUs) === stretch; row++) {
      const value = values[row] ?? Number.NaN;
      if (value < (values[low] ?? 0) || Number.isNaN(values[low])) low = row;
      if (value > (values[high] ?? 0) || Number.isNaN(values[high])) high = row;
    }
    kept.push(Math.min(low, high));
    if (low !== high) kept.push(Math.max(low, high));
  }
  return {
    timesUs: Float64Array.from(kept, (row) => timesUs[row] ?? 0),
    values: Float64Array.from(kept, (row) => values[row] ?? Number.NaN),
  };
}
