import type { ChunkMessages } from './chunk-messages.js';
import type { ChunkRef } from './mcap/records.js';

/** A large state is spread over a few chunks: a seek goes back through them to its beginning, and then reads them all. */
const KEPT_CHUNKS = 4;

/** The chunks that were read last. */
export class ChunkCache {
  readonly #chunks = new Map<ChunkRef, Promise<ChunkMessages>>();

  /** The chunk, read by `read` where it is not kept. One that cannot be read is kept as well, as its refusal. */
  get(chunk: ChunkRef, read: () => Promise<ChunkMessages>): Promise<ChunkMessages> {
    const messages = this.#chunks.get(chunk) ?? read();
    this.#chunks.delete(chunk);
    this.#chunks.set(chunk, messages);
    if (this.#chunks.size > KEPT_CHUNKS) {
      const [oldest] = this.#chunks.keys();
      if (oldest !== undefined) this.#chunks.delete(oldest);
    }
    return messages;
  }
}
