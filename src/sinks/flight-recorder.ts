import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { initialMemoryState, retainedMemory } from '../model/memory-state.js';
import type { Model } from '../model/model.js';
import { retainedEvents } from '../model/retained.js';
import type { TraceMessage } from '../trace/trace-message.js';
import { FrameStore } from './frame-store.js';
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
  /** Cgroups and the node before the first item, as the events that give them; they have no numbers. */
  readonly memory: readonly NumberedBytes[];
  readonly items: readonly NumberedBytes[];
}

/** A few seconds of events as bytes, with the state before them. */
interface Segment {
  /** The live model shares it, so it costs a reference. */
  readonly kills: Model;
  readonly memory: FrameStore;
  readonly items: FrameStore;
  readonly startUs: number;
}

const SEGMENT_US = 5_000_000;
/** It forgets a segment at a time, so it has some of them however fast events come. */
const SEGMENTS = 8;

/** A segment begins with a slice at the earliest. */
const RESTART_SLICE = 500;

/**
 * The last minutes of everything, as bytes in bounded memory, oldest out first. A browser that comes late gets it before
 * what is live; an incident file begins with it. Those who use it share it, and each gives it all batches: one is taken once.
 */
export class FlightRecorder {
  readonly limits: FlightLimits;
  #segments: Segment[] = [];
  /** Of all but the newest, which grows. */
  #closedBytes = 0;
  #now: Model = initialModel;

  constructor(
    readonly numbers: EventNumbers = new EventNumbers(),
    limits: Partial<FlightLimits> = {},
  ) {
    this.limits = { ...FLIGHT_LIMITS, ...limits };
  }

  /** What it takes. */
  get bytes(): number {
    const newest = this.#segments.at(-1);
    return this.#closedBytes + (newest === undefined ? 0 : bytesOf(newest));
  }

  /** Takes one batch, with the model after it, which tells whether it was taken before: each batch makes a new one. */
  take(events: readonly OomscopeEvent[], model: Model): void {
    const first = events[0];
    if (first === undefined || model === this.#now) return;
    const segment = this.#segmentFor(first.tUs);
    for (const event of events) segment.items.push(this.numbers.number(event));
    this.#now = model;
    this.#forget(model.nowUs ?? first.tUs);
  }

  /** Another past: these events led to `model`, and those of the last minutes are kept like any others. */
  restart(state: readonly OomscopeEvent[], model: Model): void {
    this.#segments = [];
    this.#closedBytes = 0;
    this.#now = initialModel;
    for (let at = 0; at < state.length; at += RESTART_SLICE) {
      const events = state.slice(at, at + RESTART_SLICE);
      this.take(events, applyEvents(this.#now, events));
    }
    this.#now = model;
  }

  /** All that is kept, or the newest of it: items of about `maxBytes` at most, the newest few seconds always. */
  flight(maxBytes = Number.POSITIVE_INFINITY): Flight {
    let from = this.#segments.length;
    let bytes = 0;
    while (from > 0) {
      bytes += this.#segments[from - 1]?.items.bytes ?? 0;
      if (bytes > maxBytes && from < this.#segments.length) break;
      from--;
    }
    const [oldest] = this.#segments.slice(from);
    return {
      kills: oldest?.kills ?? withoutMemory(this.#now),
      memory: (oldest?.memory ?? this.#memoryNow()).all(),
      items: this.#segments.slice(from).flatMap(({ items }) => items.all()),
    };
  }

  #segmentFor(tUs: number): Segment {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && this.#isOpen(newest, tUs)) return newest;
    if (newest !== undefined) this.#closedBytes += bytesOf(newest);
    const kills = withoutMemory(this.#now);
    const segment = { kills, memory: this.#memoryNow(), items: new FrameStore(), startUs: tUs };
    this.#segments.push(segment);
    return segment;
  }

  #memoryNow(): FrameStore {
    const store = new FrameStore();
    for (const event of retainedMemory(this.#now.memory)) store.push(this.numbers.unnumbered(event));
    return store;
  }

  /** A state is not written again before as many bytes of events have come as it has itself. */
  #isOpen(segment: Segment, tUs: number): boolean {
    const isYoung = tUs - segment.startUs < SEGMENT_US || segment.items.bytes < segment.memory.bytes;
    return isYoung && bytesOf(segment) < this.limits.bytes / SEGMENTS;
  }

  #forget(nowUs: number): void {
    const { ageUs, bytes } = this.limits;
    while (this.#segments.length > 1) {
      const [oldest, second] = this.#segments;
      if (oldest === undefined || second === undefined) return;
      if (this.bytes <= bytes && second.startUs > nowUs - ageUs) return;
      this.#closedBytes -= bytesOf(oldest);
      this.#segments.shift();
    }
  }
}

/** The state before a flight's first item, as the events that give it. */
export function stateOf({ kills, memory }: Flight, numbers: EventNumbers): TraceMessage[] {
  // The kills last: what the losses among them say of the time holds for all.
  return [...memory, ...retainedEvents(kills).map((event) => numbers.unnumbered(event))].map(({ message }) => message);
}

function bytesOf({ memory, items }: Segment): number {
  return memory.bytes + items.bytes;
}

function withoutMemory(model: Model): Model {
  return { ...model, memory: initialMemoryState };
}
