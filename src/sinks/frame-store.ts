import type { NumberedBytes } from './recorder/numbered-events.js';

const FIRST_BLOCK_BYTES = 1024;
const MAX_BLOCK_BYTES = 64 * 1024;
/** Topic, time, number, block, start, length, payload length. */
const FIELDS = 7;

/**
 * Many small frames in few large blocks. Each in a buffer of its own would cost several times its size: Node cuts small
 * ones out of shared slabs, and a slab lives as long as any of its pieces, dead neighbours included.
 */
export class FrameStore {
  readonly #blocks: Uint8Array[] = [];
  readonly #index: number[] = [];
  #blockBytes = 0;
  #used = 0;

  /** What it takes, room that is not used yet included. */
  get bytes(): number {
    return this.#blockBytes + this.#index.length * 8;
  }

  get length(): number {
    return this.#index.length / FIELDS;
  }

  push({ message, frame }: NumberedBytes): void {
    const block = this.#roomFor(frame.length);
    block.set(frame, this.#used);
    const { topicId, tUs, sequence, payload } = message;
    this.#index.push(topicId, tUs, sequence, this.#blocks.length - 1, this.#used, frame.length, payload.length);
    this.#used += frame.length;
  }

  /** In the order in which they came, as views: they hold their blocks. */
  all(): NumberedBytes[] {
    const frames: NumberedBytes[] = [];
    for (let at = 0; at < this.#index.length; at += FIELDS) frames.push(this.#at(at));
    return frames;
  }

  #at(at: number): NumberedBytes {
    const [topicId = 0, tUs = 0, sequence = 0, block = 0, start = 0, length = 0, payloadLength = 0] = this.#index.slice(
      at,
      at + FIELDS,
    );
    const bytes = this.#blocks[block] ?? new Uint8Array();
    const frame = bytes.subarray(start, start + length);
    return { message: { topicId, tUs, sequence, payload: frame.subarray(length - payloadLength) }, frame };
  }

  #roomFor(bytes: number): Uint8Array {
    const newest = this.#blocks.at(-1);
    if (newest !== undefined && this.#used + bytes <= newest.length) return newest;
    const doubled = Math.min(MAX_BLOCK_BYTES, 2 * (newest?.length ?? FIRST_BLOCK_BYTES / 2));
    const block = new Uint8Array(Math.max(doubled, bytes));
    this.#blocks.push(block);
    this.#blockBytes += block.length;
    this.#used = 0;
    return block;
  }
}
