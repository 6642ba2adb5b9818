import type { EncodedEvent } from '../../wire/codec.js';
import { decodeKeyframePart } from '../../wire/keyframe.js';
import type { TraceMessage } from '../trace-message.js';

/** More than the model can hold: a file that claims more is not followed. */
const MAX_STATE_BYTES = 64 * 1024 * 1024;

/** A state, whole. */
export interface Keyframe {
  /** Number of the event that comes next. */
  readonly sequence: number;
  readonly entries: readonly EncodedEvent[];
}

/** Puts the parts of keyframes together. They stand one after the other; a part that is missing spoils its keyframe. */
export class KeyframeAssembler {
  #entries: EncodedEvent[] = [];
  #bytes = 0;
  /** The part that must come next; 0 = none is begun. */
  #nextPart = 0;
  #sequence = 0;

  /** The keyframe that this part completes; null = there is more to come. Throws E_BAD_MESSAGE on a part that is none. */
  add(message: TraceMessage): Keyframe | null {
    const { part, partCount, entries } = decodeKeyframePart(message.payload);
    if (part === 0) this.#begin(message.sequence);
    else if (part !== this.#nextPart || message.sequence !== this.#sequence) return this.#giveUp();
    this.#bytes += message.payload.length;
    if (this.#bytes > MAX_STATE_BYTES) return this.#giveUp();
    this.#entries.push(...entries);
    this.#nextPart = part + 1;
    if (part + 1 < partCount) return null;
    const keyframe = { sequence: this.#sequence, entries: this.#entries };
    this.#giveUp();
    return keyframe;
  }

  #begin(sequence: number): void {
    this.#entries = [];
    this.#bytes = 0;
    this.#nextPart = 0;
    this.#sequence = sequence;
  }

  #giveUp(): null {
    this.#begin(0);
    // No part has this number, so all up to the next part 0 are passed over.
    this.#nextPart = -1;
    return null;
  }
}
