import type { OomscopeEvent } from '../../events/event.js';
import { encodeEvent } from '../../wire/codec.js';
import { encodeFrame } from '../../wire/frame.js';

/** The frame of each event, made at most once, whoever asks and how often; forgotten with the event. */
export class EncodeOnce {
  readonly #frames = new WeakMap<OomscopeEvent, Uint8Array>();

  frame(event: OomscopeEvent): Uint8Array {
    const known = this.#frames.get(event);
    if (known !== undefined) return known;
    const frame = encodeFrame(encodeEvent(event));
    this.#frames.set(event, frame);
    return frame;
  }
}
