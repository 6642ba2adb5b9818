import type { Track, TrackWriter } from './tracks.js';

/** A time in which something went on, as one reading tells it: what is counted in it can be added up. */
export interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
  readonly category: string;
  readonly name: string;
  readonly sums: Readonly<Record<string, number>>;
}

interface OpenStretch {
  endUs: number;
  readonly sums: Map<string, number>;
}

/** Readings that follow each other without a break become one slice, with their sums. */
export class Stretches {
  readonly #open = new Map<Track, OpenStretch>();

  constructor(private readonly out: TrackWriter) {}

  add(track: Track, { fromUs, toUs, category, name, sums }: Stretch): void {
    const last = this.#open.get(track);
    // Readings are not taken to the microsecond: less than half a one between two is no break.
    if (last !== undefined && fromUs <= last.endUs + (toUs - fromUs) / 2) {
      last.endUs = Math.max(last.endUs, toUs);
      addAll(last.sums, sums);
      return;
    }
    this.#end(track);
    this.out.begin(track, fromUs, category, name);
    this.#open.set(track, { endUs: toUs, sums: addAll(new Map(), sums) });
  }

  endAll(): void {
    for (const track of [...this.#open.keys()]) this.#end(track);
  }

  #end(track: Track): void {
    const stretch = this.#open.get(track);
    if (stretch === undefined) return;
    this.#open.delete(track);
    this.out.end(track, stretch.endUs, Object.fromEntries(stretch.sums));
  }
}

function addAll(into: Map<string, number>, sums: Readonly<Record<string, number>>): Map<string, number> {
  for (const [name, amount] of Object.entries(sums)) into.set(name, (into.get(name) ?? 0) + amount);
  return into;
}
