import type { OomscopeEvent } from '../events/event.js';
import { initialModel } from '../model/fold.js';
import { initialMemoryState, retainedMemory } from '../model/memory-state.js';
import type { Model } from '../model/model.js';
import { retainedEvents } from '../model/retained.js';
import type { EncodedEvent } from '../wire/codec.js';
import { EventNumbers, type NumberedBytes } from './recorder/numbered-events.js';

export interface FlightLimits {
  /** How far back it goes at most. */
  readonly ageUs: number;
  /** How much memory it takes at most; a single larger batch is kept whole. */
  readonly bytes: number;
}

export const FLIGHT_LIMITS: FlightLimits = { ageUs: 120_000_000, bytes: 64 * 1024 * 1024 };

/** The past, ready to be sent or written: a state, and all events since. */
export interface Flight {
  /** The kills before the first item; its `memory` is empty and stands in `memory`. */
  readonly kills: Model;
  /** Cgroups and the node before the first item, as the events that give them. */
  readonly memory: readonly EncodedEvent[];
  readonly items: readonly NumberedBytes[];
}

/** A few seconds of events as bytes, with the state before them. */
interface Segment {
  /** The live model shares it, so it costs a reference. */
  readonly kills: Model;
  readonly memory: readonly EncodedEvent[];
  readonly memoryBytes: number;
  readonly startUs: number;
  readonly items: NumberedBytes[];
  itemBytes: number;
}

const SEGMENT_US = 5_000_000;
/** It forgets a segment at a time, so it has some of them however fast events come. */
const SEGMENTS = 8;
/** What an item takes beside its bytes: two views, the message, their places in lists. */
const ITEM_OVERHEAD_BYTES = 400;
/** The same of an event of a state, which is shared with the events that are alive anyway. */
const ENTRY_OVERHEAD_BYTES = 100;

/**
 * The last minutes of everything, as bytes in bounded memory, oldest out first. A browser that comes late gets it before
 * what is live; an incident file begins with it. Those who use it share it, and each gives it all batches: one is taken once.
 */
export class FlightRecorder {
  readonly limits: FlightLimits;
  #segments: Segment[] = [];
  #bytes = 0;
  #now: Model = initialModel;

  constructor(
    readonly numbers: EventNumbers = new EventNumbers(),
    limits: Partial<FlightLimits> = {},
  ) {
    this.limits = { ...FLIGHT_LIMITS, ...limits };
  }

  /** What it takes, as it counts it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes one batch, with the model after it, which tells whether it was taken before: each batch makes a new one. */
  take(events: readonly OomscopeEvent[], model: Model): void {
    const first = events[0];
    if (first === undefined || model === this.#now) return;
    const segment = this.#segmentFor(first.tUs);
    for (const event of events) this.#push(segment, event);
    this.#now = model;
    this.#forget(model.nowUs ?? first.tUs);
  }

  /** Another past: nothing led to this state. */
  restart(model: Model): void {
    this.#segments = [];
    this.#bytes = 0;
    this.#now = model;
  }

  /** All that is kept, or the newest of it: items of about `maxBytes` at most, the newest few seconds always. */
  flight(maxBytes = Number.POSITIVE_INFINITY): Flight {
    let from = this.#segments.length;
    let bytes = 0;
    while (from > 0) {
      bytes += this.#segments[from - 1]?.itemBytes ?? 0;
      if (bytes > maxBytes && from < this.#segments.length) break;
      from--;
    }
    const [oldest] = this.#segments.slice(from);
    return {
      kills: oldest?.kills ?? withoutMemory(this.#now),
      memory: oldest?.memory ?? this.numbers.encode(retainedMemory(this.#now.memory)),
      items: this.#segments.slice(from).flatMap(({ items }) => items),
    };
  }

  #push(segment: Segment, event: OomscopeEvent): void {
    const { message, frame } = this.numbers.number(event);
    segment.items.push({ message, frame });
    segment.itemBytes += frame.length + ITEM_OVERHEAD_BYTES;
    this.#bytes += frame.length + ITEM_OVERHEAD_BYTES;
  }

  #segmentFor(tUs: number): Segment {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && this.#isOpen(newest, tUs)) return newest;
    const memory = this.numbers.encode(retainedMemory(this.#now.memory));
    const memoryBytes = memory.reduce((sum, { payload }) => sum + payload.length + ENTRY_OVERHEAD_BYTES, 0);
    const segment = { kills: withoutMemory(this.#now), memory, memoryBytes, startUs: tUs, items: [], itemBytes: 0 };
    this.#segments.push(segment);
    this.#bytes += memoryBytes;
    return segment;
  }

  /** A state is not written again before as many bytes of events have come as it has itself. */
  #isOpen({ startUs, itemBytes, memoryBytes }: Segment, tUs: number): boolean {
    const isYoung = tUs - startUs < SEGMENT_US || itemBytes < memoryBytes;
    return isYoung && itemBytes + memoryBytes < this.limits.bytes / SEGMENTS;
  }

  #forget(nowUs: number): void {
    const { ageUs, bytes } = this.limits;
    while (this.#segments.length > 1) {
      const [oldest, second] = this.#segments;
      if (oldest === undefined || second === undefined) return;
      if (this.#bytes <= bytes && second.startUs > nowUs - ageUs) return;
      this.#bytes -= oldest.itemBytes + oldest.memoryBytes;
      this.#segments.shift();
    }
  }
}

/** The state before a flight's first item, as the events that give it. */
export function stateOf({ kills, memory }: Flight, numbers: EventNumbers): EncodedEvent[] {
  // The kills last: what the losses among them say of the time holds for all.
  return [...memory, ...numbers.encode(retainedEvents(kills))];
}

function withoutMemory(model: Model): Model {
  return { ...model, memory: initialMemoryState };
}
