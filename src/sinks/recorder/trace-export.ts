import type { OomscopeEvent } from '../../events/event.js';
import { applyEvent, initialModel } from '../../model/fold.js';
import { CHUNK_TARGET_BYTES } from '../../trace/limits.js';
import type { TraceMeta } from '../../trace/metadata.js';
import { TraceBuilder } from '../../trace/trace-builder.js';
import type { Pack } from '../../trace/zstd.js';
import { EventNumbers } from './numbered-events.js';

/** How much may come before the state is written again, so that a jump need not read all from the beginning. */
const KEYFRAME_EVERY_BYTES = 256 * 1024;

/** Events of one host and boot as the pieces of a trace file, for whoever can wait for the disk. */
export class TraceExport {
  readonly #numbers = new EventNumbers();
  readonly #builder: TraceBuilder;
  #model = initialModel;
  #keyframeBytes = 0;
  #bytesSince = Number.POSITIVE_INFINITY;

  constructor(meta: TraceMeta, pack: Pack) {
    this.#builder = new TraceBuilder(meta, pack);
  }

  begin(): Uint8Array {
    return this.#builder.begin();
  }

  write(events: readonly OomscopeEvent[]): Uint8Array[] {
    for (const event of events) this.#add(event);
    return this.#builder.pendingBytes < CHUNK_TARGET_BYTES ? [] : this.#closedChunk();
  }

  end(): Uint8Array[] {
    return [...this.#closedChunk(), this.#builder.end()];
  }

  #add(event: OomscopeEvent): void {
    const { message } = this.#numbers.number(event);
    if (this.#bytesSince > Math.max(KEYFRAME_EVERY_BYTES, this.#keyframeBytes)) {
      this.#keyframeBytes = 0;
      this.#bytesSince = 0;
      for (const part of this.#numbers.keyframe(this.#model, message.sequence, event.tUs)) {
        this.#keyframeBytes += part.payload.length;
        this.#builder.add(part);
      }
    }
    this.#builder.add(message);
    this.#bytesSince += message.payload.length;
    this.#model = applyEvent(this.#model, event);
  }

  #closedChunk(): Uint8Array[] {
    const piece = this.#builder.closeChunk();
    return piece === null ? [] : [piece];
  }
}
