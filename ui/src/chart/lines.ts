import type { Field, Kind } from '../../../src/model/series/fields.js';
import type { Line, SeriesStore } from '../../../src/model/series/series.js';
import { thinned } from '../../../src/model/series/thin.js';

interface Known {
  readonly line: Line;
  readonly fromUs: number;
  readonly toUs: number;
  readonly points: number;
  readonly version: number;
  readonly askedMs: number;
}

interface Range {
  readonly fromUs: number;
  readonly toUs: number;
  readonly widthPx: number;
}

/** What was lost over the spans that it was lost in, row by row. */
export interface Shading {
  readonly spans: Line;
  readonly lost: Line;
}

/** Two rows a pixel are all that can be seen. */
const ROWS_PER_PX = 2;

/** Rows come ten times a second and more; a dozen charts that ask each time would do nothing else. */
const STALE_AFTER_MS = 250;

/**
 * Lines of one chart, ready to be drawn: asked for somewhat more than is shown, so that moving a little asks for nothing,
 * and thinned to what a screen can show.
 */
export class Lines {
  readonly #known = new Map<string, Known>();

  constructor(private readonly series: SeriesStore) {}

  /** The rows from before `fromUs` up to `toUs`; a value holds until the next row. `thins`: to what can be seen. */
  get<K extends Kind>(
    kind: K,
    id: number,
    fields: readonly Field<K>[],
    { fromUs, toUs, widthPx }: Range,
    thins = true,
  ): Line {
    const key = `${kind} ${id} ${fields.join()} ${thins}`;
    const points = Math.max(50, widthPx * ROWS_PER_PX);
    const known = this.#known.get(key);
    const spanUs = toUs - fromUs;
    if (
      known !== undefined &&
      (known.version === this.series.version || performance.now() - known.askedMs < STALE_AFTER_MS) &&
      known.fromUs <= fromUs &&
      known.toUs >= toUs &&
      known.points >= points &&
      known.toUs - known.fromUs <= spanUs * 4
    ) {
      return known.line;
    }
    const wideFromUs = fromUs - spanUs / 2;
    const wideToUs = toUs + spanUs / 2;
    const rows = withStart(
      this.series,
      kind,
      id,
      fields,
      wideFromUs,
      this.series.line(kind, id, fields, wideFromUs, wideToUs),
    );
    const line = thins ? thinned(rows, points * 2) : rows;
    this.#known.set(key, {
      line,
      fromUs: wideFromUs,
      toUs: wideToUs,
      points,
      version: this.series.version,
      askedMs: performance.now(),
    });
    return line;
  }

  /** Rows of the two belong together, so neither is thinned. */
  shading<K extends 'pressure' | 'stalls' | 'nodePressure'>(
    kind: K,
    id: number,
    field: Field<K>,
    range: Range,
  ): Shading {
    return {
      spans: this.get(kind, id, ['spanUs'] as Field<K>[], range, false),
      lost: this.get(kind, id, [field], range, false),
    };
  }
}

/** With the value that already held at the beginning. */
function withStart<K extends Kind>(
  series: SeriesStore,
  kind: K,
  id: number,
  fields: readonly Field<K>[],
  fromUs: number,
  line: Line,
): Line {
  const values = fields.map((field) => series.valueAt(kind, id, field, fromUs));
  if (values.some((value) => value === null)) return line;
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return { timesUs: prepended(fromUs, line.timesUs), values: prepended(sum, line.values) };
}

function prepended(first: number, rest: Float64Array): Float64Array {
  const all = new Float64Array(rest.length + 1);
  all[0] = first;
  all.set(rest, 1);
  return all;
}
