import type { OomscopeEvent } from '../../src/events/event.js';
import type { ClientSocket } from '../../src/sinks/websocket/client.js';
import { decodeFrame, type FrameItem } from '../../src/wire/frame.js';

/** A reader whose speed the test decides: nothing leaves until `drain`. */
export class FakeSocket implements ClientSocket {
  bufferedAmount = 0;
  highestBuffered = 0;
  pings = 0;
  ended: 'terminated' | { readonly code: number; readonly reason: string } | null = null;
  readonly received: FrameItem[] = [];
  readonly #inFlight: { readonly bytes: number; readonly done: () => void }[] = [];
  readonly #isSlow: boolean;

  /** A fast one takes everything at once. */
  constructor({ slow }: { readonly slow: boolean }) {
    this.#isSlow = slow;
  }

  send(frame: Uint8Array, done: () => void): void {
    if (this.ended !== null) return;
    this.received.push(...decodeFrame(frame));
    if (!this.#isSlow) return;
    this.#inFlight.push({ bytes: frame.length, done });
    this.bufferedAmount += frame.length;
    this.highestBuffered = Math.max(this.highestBuffered, this.bufferedAmount);
  }

  /** Lets out the oldest `count` frames, all by default. */
  drain(count = Number.POSITIVE_INFINITY): void {
    for (let n = 0; n < count; n++) {
      const frame = this.#inFlight.shift();
      if (frame === undefined) return;
      this.bufferedAmount -= frame.bytes;
      frame.done();
    }
  }

  ping(): void {
    this.pings++;
  }

  close(code: number, reason: string): void {
    this.ended ??= { code, reason };
  }

  terminate(): void {
    this.ended ??= 'terminated';
  }

  get events(): OomscopeEvent[] {
    return this.received.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
  }
}
