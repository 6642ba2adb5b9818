import type { OomscopeEvent } from '../../events/event.js';
import { type Field, KINDS, type Kind, NODE_ID } from './fields.js';
import { ProcessHistory } from './process-history.js';
import { Track } from './track.js';

export interface SeriesLimits {
  /** How far back every row is kept … */
  readonly fineUs: number;
  /** … and how many of them in all; where there are more, it is kept for a shorter time. A row has up to 90 bytes. */
  readonly fineRows: number;
  /** How far back one row in `coarseStepUs` is kept. */
  readonly coarseUs: number;
  readonly coarseStepUs: number;
  readonly coarseRows: number;
}

/** About 60 MB at most, whatever comes. */
const SERIES_LIMITS: SeriesLimits = {
  fineUs: 180_000_000,
  fineRows: 400_000,
  coarseUs: 3_600_000_000,
  coarseStepUs: 5_000_000,
  coarseRows: 300_000,
};

/** One field over time. NaN = null, Infinity = "max". Times are µs since boot, ascending. */
export interface Line {
  readonly timesUs: Float64Array;
  readonly values: Float64Array;
}

interface Pair {
  readonly fine: Track;
  readonly coarse: Track;
}

/** How often old rows are looked for. */
const TRIM_EVERY_US = 1_000_000;

/**
 * How every cgroup and the node came to where they are: a fold of events like the model, in bounded memory. It changes in
 * place, since a copy at each tick would cost more than the tick; `version` tells that it has. What a value was between
 * two rows is what the earlier one says. Nothing of it is needed to go on from a keyframe: it begins empty there.
 */
export class SeriesStore {
  readonly processes = new ProcessHistory();
  readonly #limits: SeriesLimits;
  readonly #kinds = new Map<Kind, Map<number, Pair>>();
  /** Cgroups that have gone: of the others the newest values are kept however old they are, since they still hold. */
  readonly #gone = new Set<number>();
  /** Of those that came while watched; also of one that has gone since. */
  readonly #bornUs = new Map<number, number>();
  /** The row that is being added: no garbage for each of a hundred thousand a second. */
  readonly #row = new Float64Array(Math.max(...Object.values(KINDS).map(({ fields }) => fields.length)));
  #version = 0;
  #nowUs: number | null = null;
  #trimmedUs = 0;
  #fineRows = 0;
  #coarseRows = 0;

  constructor(limits: Partial<SeriesLimits> = {}) {
    this.#limits = { ...SERIES_LIMITS, ...limits };
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  get nowUs(): number | null {
    return this.#nowUs;
  }

  /** Rows in memory. */
  get rows(): { readonly fine: number; readonly coarse: number } {
    return { fine: this.#fineRows, coarse: this.#coarseRows };
  }

  /** Forgets everything: before a jump in time. */
  clear(): void {
    this.#kinds.clear();
    this.#gone.clear();
    this.#bornUs.clear();
    this.processes.clear();
    this.#fineRows = 0;
    this.#coarseRows = 0;
    this.#nowUs = null;
    this.#trimmedUs = 0;
    this.#version++;
  }

  apply(event: OomscopeEvent): void {
    const { tUs } = event;
    switch (event.topic) {
      case '/memory/sample':
        this.#addAll('sample', tUs, event.cgroups);
        break;
      case '/memory/stat':
        this.#addAll('stat', tUs, event.cgroups);
        break;
      case '/pressure':
        this.#addAll(
          'pressure',
          tUs,
          event.cgroups.filter(({ someUs }) => someUs !== null),
        );
        this.#addAll(
          'stalls',
          tUs,
          event.cgroups.filter(({ stallUs }) => stallUs !== null),
        );
        if (event.node !== null) this.#addAll('nodePressure', tUs, [{ ...event.node, id: NODE_ID }]);
        break;
      case '/reclaim':
        this.#addAll('reclaim', tUs, event.cgroups);
        break;
      case '/throttle':
        this.#addAll('throttle', tUs, event.cgroups);
        break;
      case '/node':
        this.#addAll('node', tUs, [{ ...event, id: NODE_ID }]);
        break;
      case '/process':
        this.processes.add(event);
        break;
      case '/cgroup':
        if (event.change === 'vanished') this.#gone.add(event.id);
        else this.#gone.delete(event.id);
        if (event.change === 'appeared') this.#bornUs.set(event.id, event.tUs);
        return;
      default:
        return;
    }
    this.#version++;
    this.#nowUs = Math.max(this.#nowUs ?? tUs, tUs);
    this.#trim(this.#nowUs);
  }

  /** When a cgroup came, there or gone; null = it was there before, or that was long ago. */
  bornUs(id: number): number | null {
    return this.#bornUs.get(id) ?? null;
  }

  /** The cgroups of which there are rows of this kind. */
  ids(kind: Kind): readonly number[] {
    return [...(this.#kinds.get(kind)?.keys() ?? [])];
  }

  /** From when on every row is kept; null = there are none of this series. Before that, one in `coarseStepUs`. */
  fineFromUs(kind: Kind, id: number): number | null {
    const fine = this.#pair(kind, id)?.fine;
    return fine === undefined || fine.length === 0 ? null : fine.timeAt(0);
  }

  /** The rows of a field, or of the sum of several, from `fromUs` to `toUs`, both included. */
  line<K extends Kind>(kind: K, id: number, field: Field<K> | readonly Field<K>[], fromUs: number, toUs: number): Line {
    const columns = (typeof field === 'string' ? [field] : field).map((name) => columnOf(kind, name));
    const parts = this.#parts(kind, id, fromUs, Math.floor(toUs));
    const count = parts.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
    const line = { timesUs: new Float64Array(count), values: new Float64Array(count) };
    let at = 0;
    for (const { track, from, to } of parts) {
      for (let row = from; row < to; row++) {
        let sum = 0;
        for (const column of columns) sum += track.valueAt(row, column);
        line.timesUs[at] = track.timeAt(row);
        line.values[at++] = sum;
      }
    }
    return line;
  }

  /** What a field was at a moment: the newest row up to it. Null = not known, or not known any more. */
  valueAt<K extends Kind>(kind: K, id: number, field: Field<K>, tUs: number): number | null {
    const pair = this.#pair(kind, id);
    if (pair === undefined) return null;
    const column = columnOf(kind, field);
    for (const track of [pair.fine, pair.coarse]) {
      const row = track.firstFrom(tUs + 1) - 1;
      if (row < 0) continue;
      const value = track.valueAt(row, column);
      return Number.isNaN(value) ? null : value;
    }
    return null;
  }

  /**
   * What grew in a time, of a kind whose rows are growth over spans: a row that began before counts in part. 0 = no row.
   * Null = it is not known in some row.
   */
  total<K extends 'pressure' | 'stalls' | 'reclaim' | 'throttle' | 'nodePressure'>(
    kind: K,
    id: number,
    field: Field<K>,
    fromUs: number,
    toUs: number,
  ): number | null {
    const pair = this.#pair(kind, id);
    if (pair === undefined) return 0;
    const { fine, coarse } = pair;
    const column = columnOf(kind, field);
    // A coarse row may stand for rows of which some are still there.
    const fineFromUs = fine.length === 0 ? toUs : fine.timeAt(0) - fine.valueAt(0, 0);
    const sum = grown(coarse, column, fromUs, Math.min(fineFromUs, toUs)) + grown(fine, column, fromUs, toUs);
    return Number.isNaN(sum) ? null : sum;
  }

  /** Coarse rows before the first fine one, then the fine ones, as far as they are within the time. */
  #parts(kind: Kind, id: number, fromUs: number, toUs: number): { track: Track; from: number; to: number }[] {
    const pair = this.#pair(kind, id);
    if (pair === undefined) return [];
    const { fine, coarse } = pair;
    const fineFromUs = fine.length === 0 ? Number.POSITIVE_INFINITY : fine.timeAt(0);
    return [
      { track: coarse, from: coarse.firstFrom(fromUs), to: coarse.firstFrom(Math.min(fineFromUs, toUs + 1)) },
      { track: fine, from: fine.firstFrom(fromUs), to: fine.firstFrom(toUs + 1) },
    ];
  }

  #pair(kind: Kind, id: number): Pair | undefined {
    return this.#kinds.get(kind)?.get(id);
  }

  #addAll(kind: Kind, tUs: number, rows: readonly { readonly id: number }[]): void {
    const { fields, merge } = KINDS[kind];
    const pairs = this.#kinds.get(kind) ?? new Map<number, Pair>();
    this.#kinds.set(kind, pairs);
    for (const row of rows) {
      const values = this.#row;
      for (let column = 0; column < fields.length; column++) {
        const field = fields[column];
        values[column] = field === undefined ? Number.NaN : numberOf((row as Readonly<Record<string, unknown>>)[field]);
      }
      const pair = pairs.get(row.id) ?? newPair(fields.length);
      pairs.set(row.id, pair);
      pair.fine.push(tUs, values);
      this.#fineRows++;
      this.#addCoarse(pair.coarse, tUs, merge);
    }
  }

  /** `#row`, to the row of its step or as the first one of it. */
  #addCoarse(coarse: Track, tUs: number, merge: 'last' | 'sum'): void {
    const values = this.#row;
    const step = this.#limits.coarseStepUs;
    const last = coarse.length - 1;
    if (last < 0 || Math.floor(coarse.timeAt(last) / step) !== Math.floor(tUs / step)) {
      coarse.push(tUs, values);
      this.#coarseRows++;
      return;
    }
    if (merge === 'sum') {
      for (let column = 0; column < coarse.width; column++) {
        values[column] = (values[column] ?? Number.NaN) + coarse.valueAt(last, column);
      }
    }
    coarse.setLast(tUs, values);
  }

  #trim(nowUs: number): void {
    const { fineUs, fineRows, coarseUs, coarseRows } = this.#limits;
    const isOver = this.#fineRows > fineRows || this.#coarseRows > coarseRows;
    if (!isOver && nowUs - this.#trimmedUs < TRIM_EVERY_US) return;
    this.#trimmedUs = nowUs;
    // What is too much goes by age, and an eighth more than need be, so that it is not done again at once. What the
    // newest event alone brought stays.
    const keptRows = this.#fineRows > fineRows ? fineRows * 0.875 : fineRows;
    for (let ageUs = fineUs; ageUs >= 1 && this.#dropFine(nowUs - ageUs) > keptRows; ageUs *= 0.875);
    for (let ageUs = coarseUs; ageUs >= 1 && this.#dropCoarse(nowUs - ageUs) > coarseRows; ageUs *= 0.875);
  }

  #dropFine(beforeUs: number): number {
    for (const kind of this.#kinds.values()) {
      for (const { fine } of kind.values()) this.#fineRows -= fine.dropBefore(beforeUs);
    }
    return this.#fineRows;
  }

  #dropCoarse(beforeUs: number): number {
    const known = new Set<number>();
    for (const [kind, pairs] of this.#kinds) {
      const holds = KINDS[kind].merge === 'last';
      for (const [id, { fine, coarse }] of pairs) {
        const newestUs = coarse.timeAt(coarse.length - 1);
        const keepsNewest = holds && !this.#gone.has(id) && newestUs < beforeUs;
        this.#coarseRows -= coarse.dropBefore(keepsNewest ? newestUs : beforeUs);
        if (coarse.length === 0 && fine.length === 0) pairs.delete(id);
        else known.add(id);
      }
    }
    for (const id of this.#gone) {
      if (!known.has(id)) this.#gone.delete(id);
    }
    const oldUs = (this.#nowUs ?? 0) - this.#limits.fineUs;
    for (const [id, bornUs] of this.#bornUs) {
      if (bornUs < oldUs && !known.has(id)) this.#bornUs.delete(id);
    }
    return this.#coarseRows;
  }
}

/** What grew from `fromUs` to `toUs`: a row tells of the time before it, so the first one after the end has a part too. */
function grown(track: Track, column: number, fromUs: number, toUs: number): number {
  let sum = 0;
  for (let row = track.firstFrom(fromUs); row < track.length; row++) {
    const endUs = track.timeAt(row);
    const spanUs = track.valueAt(row, 0);
    const inUs = Math.min(endUs, toUs) - Math.max(endUs - spanUs, fromUs);
    if (inUs > 0) sum += track.valueAt(row, column) * Math.min(1, inUs / spanUs);
    if (endUs - spanUs >= toUs) break;
  }
  return sum;
}

function newPair(width: number): Pair {
  return { fine: new Track(width), coarse: new Track(width) };
}

function columnOf<K extends Kind>(kind: K, field: Field<K>): number {
  const fields: readonly string[] = KINDS[kind].fields;
  return fields.indexOf(field);
}

function numberOf(value: unknown): number {
  if (value === 'max') return Number.POSITIVE_INFINITY;
  return typeof value === 'number' ? value : Number.NaN;
}
