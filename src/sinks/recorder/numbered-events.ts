import type { OomscopeEvent } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import { retainedEvents } from '../../model/retained.js';
import { MAX_EVENT_BYTES } from '../../trace/limits.js';
import type { TraceMessage } from '../../trace/trace-message.js';
import { type EncodedEvent, encodeEvent } from '../../wire/codec.js';
import { encodeKeyframePart } from '../../wire/keyframe.js';
import { KEYFRAME_ID } from '../../wire/topics.js';
import type { Redactor } from './redact.js';

/** An event as it goes into files. */
export interface NumberedEvent {
  readonly event: OomscopeEvent;
  readonly message: TraceMessage;
}

/** Large states are written in several messages, so that no chunk grows with the state. */
const PART_BYTES = 512 * 1024;

/** Numbers the events of one run and encodes each once, however often it is repeated in keyframes and files. */
export class EventNumbers {
  readonly #encoded = new WeakMap<OomscopeEvent, EncodedEvent>();
  #last = 0;

  /** With a redactor, names are replaced before anything is encoded: in events and in keyframes alike. */
  constructor(private readonly redactor: Redactor | null = null) {}

  number(event: OomscopeEvent): NumberedEvent {
    this.#last = (this.#last + 1) >>> 0;
    return { event, message: { ...this.#encode(event), sequence: this.#last } };
  }

  /** The state before the event with the number `sequence`. `tUs` stands for it where the state is empty. */
  keyframe(state: Model, sequence: number, tUs: number): TraceMessage[] {
    const parts: EncodedEvent[][] = [[]];
    let bytes = 0;
    for (const event of retainedEvents(state)) {
      const entry = this.#encode(event);
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
      tUs: state.nowUs ?? tUs,
      sequence,
      payload: encodeKeyframePart({ part, partCount: parts.length, entries }),
    }));
  }

  #encode(event: OomscopeEvent): EncodedEvent {
    const known = this.#encoded.get(event);
    if (known !== undefined) return known;
    const encoded = encodeEvent(this.redactor?.event(event) ?? event);
    this.#encoded.set(event, encoded);
    return encoded;
  }
}
