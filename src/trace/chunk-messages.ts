import type { RawMessages } from './mcap/chunk.js';
import type { TraceMeta } from './metadata.js';
import type { TraceMessage } from './trace-message.js';
import { upgraded } from './upgrades.js';

/**
 * The messages of a chunk that this version knows, in the file's order. Only their heads are read before they are asked for:
 * whoever looks for a keyframe or a kill passes over thousands.
 */
export class ChunkMessages implements Iterable<TraceMessage> {
  /** The place in the chunk of each message that is known. */
  readonly #places: number[] = [];
  readonly #topicIds: number[] = [];

  constructor(
    private readonly raw: RawMessages,
    /** Channel → topic. */
    topics: ReadonlyMap<number, number>,
    private readonly meta: TraceMeta,
  ) {
    for (let place = 0; place < raw.count; place++) {
      const topicId = topics.get(raw.channelId(place));
      if (topicId === undefined) continue;
      this.#places.push(place);
      this.#topicIds.push(topicId);
    }
  }

  get count(): number {
    return this.#places.length;
  }

  topicId(index: number): number {
    return this.#topicIds[index] ?? 0;
  }

  /** µs since boot. */
  tUs(index: number): number {
    return this.raw.timeUs(this.#places[index] ?? 0) - this.meta.bootEpochUs;
  }

  sequence(index: number): number {
    return this.raw.sequence(this.#places[index] ?? 0);
  }

  /** The whole message, upgraded to this schema version. Its payload is a part of the chunk's memory. */
  message(index: number): TraceMessage {
    const payload = this.raw.payload(this.#places[index] ?? 0);
    const message = { topicId: this.topicId(index), tUs: this.tUs(index), sequence: this.sequence(index), payload };
    return upgraded(message, this.meta.schemaVersion);
  }

  *[Symbol.iterator](): Iterator<TraceMessage> {
    for (let index = 0; index < this.count; index++) yield this.message(index);
  }
}
