import type { Model } from '../../model/model.js';
import type { NumberedEvent } from './numbered-events.js';

export interface FlightLimits {
  /** How far back it goes at most. */
  readonly ageUs: number;
  /** How many bytes of messages it keeps at most; a single larger batch is kept whole. */
  readonly bytes: number;
}

const FLIGHT_LIMITS: FlightLimits = { ageUs: 120_000_000, bytes: 16 * 1024 * 1024 };

/** A few seconds of events, with the state before them: a model never changes, so keeping it costs a reference. */
interface Segment {
  readonly state: Model;
  readonly startUs: number;
  readonly items: NumberedEvent[];
  bytes: number;
}

const SEGMENT_US = 5_000_000;
/** The ring forgets a segment at a time, so it has some of them however fast events come. */
const SEGMENTS = 8;

/** The last minutes, in bounded memory: what an incident file tells of the time before the kill. */
export class FlightRing {
  readonly #limits: FlightLimits;
  #segments: Segment[] = [];
  #bytes = 0;

  constructor(limits: Partial<FlightLimits> = {}) {
    this.#limits = { ...FLIGHT_LIMITS, ...limits };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes one batch; `before` is the model before it. */
  push(items: readonly NumberedEvent[], before: Model): void {
    const first = items[0];
    if (first === undefined) return;
    const segment = this.#segmentFor(first.message.tUs, before);
    for (const item of items) {
      segment.items.push(item);
      segment.bytes += item.message.payload.length;
      this.#bytes += item.message.payload.length;
    }
    this.#forget(items.at(-1)?.message.tUs ?? 0);
  }

  /** The oldest state, and all events since; null = nothing was pushed yet. */
  snapshot(): { readonly state: Model; readonly items: readonly NumberedEvent[] } | null {
    const oldest = this.#segments[0];
    return oldest === undefined ? null : { state: oldest.state, items: this.#segments.flatMap(({ items }) => items) };
  }

  #segmentFor(tUs: number, before: Model): Segment {
    const newest = this.#segments.at(-1);
    const isOpen =
      newest !== undefined && tUs - newest.startUs < SEGMENT_US && newest.bytes < this.#limits.bytes / SEGMENTS;
    if (isOpen) return newest;
    const segment: Segment = { state: before, startUs: tUs, items: [], bytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #forget(nowUs: number): void {
    const { ageUs, bytes } = this.#limits;
    while (this.#segments.length > 1) {
      const [oldest, second] = this.#segments;
      if (oldest === undefined || second === undefined) return;
      if (this.#bytes <= bytes && second.startUs > nowUs - ageUs) return;
      this.#bytes -= oldest.bytes;
      this.#segments.shift();
    }
  }
}
