import type { OomscopeEvent } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import { retainedEvents } from '../../model/retained.js';
import { MAX_EVENT_BYTES } from '../../trace/limits.js';
import type { TraceMessage } from '../../trace/trace-message.js';
import { type EncodedEvent, encodeEvent } from '../../wire/codec.js';
import { encodeFrame } from '../../wire/frame.js';
import { encodeKeyframePart } from '../../wire/keyframe.js';
import { KEYFRAME_ID } from '../../wire/topics.js';
import type { Redactor } from './redact.js';

/** An event as bytes, once for the WebSocket and for files. */
export interface NumberedBytes {
  readonly message: TraceMessage;
  /** `message.payload` is the end of it. */
  readonly frame: Uint8Array;
}

export interface NumberedEvent extends NumberedBytes {
  readonly event: OomscopeEvent;
}

interface Encoded {
  readonly entry: EncodedEvent;
  readonly frame: Uint8Array;
}

/** Large states are written in several messages, so that no chunk grows with the state. */
const PART_BYTES = 512 * 1024;

/** Numbers the events of one run and encodes each once, however often it is repeated in keyframes, files and frames. */
export class EventNumbers {
  readonly #encoded = new WeakMap<OomscopeEvent, Encoded>();
  readonly #numbered = new WeakMap<OomscopeEvent, NumberedEvent>();
  #last = 0;

  /** With a redactor, names are replaced before anything is encoded: in events and in keyframes alike. */
  constructor(private readonly redactor: Redactor | null = null) {}

  /** The event with its number, which it keeps whoever asks next: each event object comes once in a run. */
  number(event: OomscopeEvent): NumberedEvent {
    const known = this.#numbered.get(event);
    if (known !== undefined) return known;
    this.#last = (this.#last + 1) >>> 0;
    const { entry, frame } = this.#encode(event);
    const numbered = { event, message: { ...entry, sequence: this.#last }, frame };
    this.#numbered.set(event, numbered);
    return numbered;
  }

  /** The frame of an event, numbered or not. */
  frame(event: OomscopeEvent): Uint8Array {
    return this.#encode(event).frame;
  }

  /** An event of a state, which has no number. */
  unnumbered(event: OomscopeEvent): NumberedBytes {
    const { entry, frame } = this.#encode(event);
    return { message: { ...entry, sequence: 0 }, frame };
  }

  /** The state before the event with the number `sequence`. `tUs` stands for it where the state is empty. */
  keyframe(state: Model, sequence: number, tUs: number): TraceMessage[] {
    return keyframeOf(
      retainedEvents(state).map((event) => this.#encode(event).entry),
      sequence,
      state.nowUs ?? tUs,
    );
  }

  #encode(event: OomscopeEvent): Encoded {
    const known = this.#encoded.get(event);
    if (known !== undefined) return known;
    const { topicId, tUs, payload } = encodeEvent(this.redactor?.event(event) ?? event);
    const frame = encodeFrame({ topicId, tUs, payload });
    // The payload is the last field of the frame's only entry: kept once, not twice.
    const entry = { topicId, tUs, payload: frame.subarray(frame.length - payload.length) };
    const encoded = { entry, frame };
    this.#encoded.set(event, encoded);
    return encoded;
  }
}

/** A state as the messages of a keyframe. */
export function keyframeOf(state: readonly EncodedEvent[], sequence: number, tUs: number): TraceMessage[] {
  const parts: EncodedEvent[][] = [[]];
  let bytes = 0;
  for (const entry of state) {
    // In no file at all, and counted as missing there.
    if (entry.payload.length > MAX_EVENT_BYTES) continue;
    if (bytes + entry.payload.length > PART_BYTES && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(entry);
    bytes += entry.payload.length;
  }
  return parts.map((entries, part) => ({
    topicId: KEYFRAME_ID,
    tUs,
    sequence,
    payload: encodeKeyframePart({ part, partCount: parts.length, entries }),
  }));
}
