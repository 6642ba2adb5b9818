import type { LossEvent } from '../../events/loss.js';
import { encodeEvent } from '../../wire/codec.js';
import { encodeFrame } from '../../wire/frame.js';
import type { Batch } from './batch.js';

/** What a client needs of its socket; `ws` gives it, tests too. */
export interface ClientSocket {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  /** `done` is called when the kernel has taken the bytes, or never will. */
  send(frame: Uint8Array, done: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** More unsent bytes than this: the client is behind. */
export const BEHIND_BYTES = 1024 * 1024;
/** Fewer than this: it has caught up. */
const CAUGHT_UP_BYTES = 256 * 1024;
/** What waits for a client at most, the past that it is sent first included. */
export const QUEUE_LIMIT_BYTES = 24 * 1024 * 1024;
/** More than this waiting behind the past: from here on what may be dropped is, so that a slow line is not cut for it. */
const PAST_LIMIT_BYTES = 18 * 1024 * 1024;

/** WebSocket close codes (RFC 6455, 7.4). */
export const CLOSE = { goingAway: 1001, unsupportedData: 1003, tryAgainLater: 1013 } as const;

/**
 * One reader. First it gets the past at its own pace, while what happens meanwhile queues up whole behind it: no seam.
 * Then it gets each batch at once, unless it is behind: then what may be dropped is, counted and told to it when it has
 * caught up, and the rest queues. A queue over its limit ends the connection: the page reconnects to the newest past.
 */
export class Client {
  readonly #socket: ClientSocket;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #state: 'past' | 'live' | 'behind' | 'ended' = 'past';
  #droppedCount = 0;
  #nowUs = 0;
  #alive = true;

  /** `values`: frames of how things stand now, for a reader who has missed samples. */
  constructor(
    socket: ClientSocket,
    past: readonly Uint8Array[],
    private readonly values: () => readonly Uint8Array[] = () => [],
  ) {
    this.#socket = socket;
    for (const frame of past) this.#enqueue(frame);
    this.#pump();
  }

  /** Takes the next batch; `nowUs` is the time of its newest event. */
  offer(batch: Batch, nowUs: number): void {
    this.#nowUs = nowUs;
    if (this.#state === 'live' && this.#socket.bufferedAmount > BEHIND_BYTES) this.#state = 'behind';
    switch (this.#state) {
      case 'past':
        if (this.#queuedBytes + batch.all.length > PAST_LIMIT_BYTES) this.#leaveOut(batch);
        else this.#enqueue(batch.all);
        break;
      case 'live':
        this.#send(batch.all);
        break;
      case 'behind':
        this.#leaveOut(batch);
        break;
      case 'ended':
        break;
    }
    this.#pump();
  }

  /** All that was offered is void; this past takes its place, and what comes is offered again. */
  restart(past: readonly Uint8Array[]): void {
    if (this.#state === 'ended') return;
    this.#state = 'past';
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#droppedCount = 0;
    for (const frame of past) this.#enqueue(frame);
    this.#pump();
  }

  /** Takes what a later one of its sort makes void: who is behind does without. */
  mention(frame: Uint8Array): void {
    if (this.#state === 'past') this.#enqueue(frame);
    else if (this.#state === 'live') this.#send(frame);
  }

  /** Proof that somebody reads: a pong, or bytes that went out. */
  markAlive(): void {
    this.#alive = true;
  }

  /** Called at a steady beat: ends a connection that gave no sign of life since the last one, and asks for the next. */
  checkAlive(): void {
    if (!this.#alive) {
      this.#end();
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  close(code: number, reason: string): void {
    if (this.#state === 'ended') return;
    this.#end();
    this.#socket.close(code, reason);
  }

  /** Sends what waits, as far as the socket takes it. */
  #pump(): void {
    if (this.#state !== 'past' && this.#state !== 'behind') return;
    if (this.#state === 'behind' && this.#socket.bufferedAmount >= CAUGHT_UP_BYTES) return;
    while (this.#queue.length > 0) {
      if (this.#socket.bufferedAmount > BEHIND_BYTES) return;
      const frame = this.#queue.shift();
      if (frame === undefined) return;
      this.#queuedBytes -= frame.length;
      this.#send(frame);
    }
    this.#state = 'live';
    if (this.#droppedCount > 0) this.#tellDropped();
  }

  #leaveOut(batch: Batch): void {
    this.#droppedCount += batch.droppableCount;
    if (batch.kept.length > 0) this.#enqueue(batch.kept);
  }

  #tellDropped(): void {
    const loss: LossEvent = {
      topic: '/loss',
      tUs: this.#nowUs,
      where: 'client-queue',
      count: this.#droppedCount,
      meaning: 'events not sent to this client, since it read too slowly; no kill is among them',
    };
    this.#droppedCount = 0;
    this.#send(encodeFrame(encodeEvent(loss)));
    // What has not changed since would never come again.
    for (const frame of this.values()) this.#send(frame);
  }

  #enqueue(frame: Uint8Array): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#queuedBytes > QUEUE_LIMIT_BYTES) {
      this.close(CLOSE.tryAgainLater, 'E_SLOW_CLIENT: this client reads too slowly. Connect again.');
    }
  }

  #send(frame: Uint8Array): void {
    this.#socket.send(frame, () => {
      this.#alive = true;
      this.#pump();
    });
  }

  #end(): void {
    this.#state = 'ended';
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}
