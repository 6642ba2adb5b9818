import type { Line } from './series.js';

/** How a line went from its first known row to its last. */
export interface Growth {
  readonly fromUs: number;
  readonly toUs: number;
  readonly fromValue: number;
  readonly toValue: number;
  /** Of the straight line that fits best (least squares): one odd row does not make a trend. */
  readonly perSecond: number;
  /** How well that line fits, 0 to 1 (R²); 1 = it is a straight line. */
  readonly fit: number;
  readonly rows: number;
}

/** Null = fewer than two rows with a value, or no time between them. */
export function growthOf({ timesUs, values }: Line): Growth | null {
  const rows: number[] = [];
  for (let row = 0; row < timesUs.length; row++) {
    if (Number.isFinite(values[row])) rows.push(row);
  }
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return null;
  const fromUs = timesUs[first] ?? 0;
  const toUs = timesUs[last] ?? 0;
  if (toUs <= fromUs) return null;
  const seconds = (row: number) => ((timesUs[row] ?? 0) - fromUs) / 1e6;
  const valueAt = (row: number) => values[row] ?? 0;
  const meanSeconds = mean(rows.map(seconds));
  const meanValue = mean(rows.map(valueAt));
  let together = 0;
  let ofTime = 0;
  let ofValue = 0;
  for (const row of rows) {
    const time = seconds(row) - meanSeconds;
    const value = valueAt(row) - meanValue;
    together += time * value;
    ofTime += time * time;
    ofValue += value * value;
  }
  return {
    fromUs,
    toUs,
    fromValue: valueAt(first),
    toValue: valueAt(last),
    perSecond: together / ofTime,
    fit: ofValue === 0 ? 1 : (together * together) / (ofTime * ofValue),
    rows: rows.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
