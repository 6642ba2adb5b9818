import { type ByteSource, ReadWindow } from '../bytes.js';
import { MAX_HEAD_BYTES } from '../limits.js';
import { cutOff, damaged, TraceError, unsupported } from '../trace-error.js';
import { Cursor } from './cursor.js';
import { CHUNK_HEAD_BYTES, OP, RECORD_HEAD_BYTES } from './format.js';
import { type Channel, type ChunkRef, readChannel, readChunkHead, shared } from './records.js';
import type { FileIndex } from './summary.js';

export interface Scan {
  readonly index: FileIndex;
  /** Why it ended before the file was closed; null = it did not. */
  readonly problem: TraceError | null;
}

/**
 * Walks a file from record to record, for one without an index: the recorder was killed, or the disk was full. Chunks
 * are not unpacked, so a gigabyte takes tenths of a second. It ends where the file stops making sense.
 */
export async function scanRecords(
  source: ByteSource,
  dataAtByte: number,
  onProgress: (doneBytes: number) => void,
): Promise<Scan> {
  const walk = new Walk(source);
  const problem = await walk.run(dataAtByte, onProgress);
  const { chunks, channels } = walk;
  return { index: { chunks, channels, messageCount: null, metadataAtByte: new Map() }, problem };
}

/** Far above any record of ours, an attachment of another tool included. */
const MAX_RECORD_BYTES = 1024 * 1024 * 1024;
const MAX_COMPRESSION_NAME_BYTES = 32;

class Walk {
  readonly chunks: ChunkRef[] = [];
  readonly channels = new Map<number, Channel>();
  readonly #window: ReadWindow;
  readonly #channelLists = new Map<string, readonly number[]>();
  /** Channels of the last chunk, as the message indexes after it say. */
  #indexed: number[] = [];

  constructor(private readonly source: ByteSource) {
    this.#window = new ReadWindow(source);
  }

  /** Returns what ended the walk early. */
  async run(fromByte: number, onProgress: (doneBytes: number) => void): Promise<TraceError | null> {
    try {
      return await this.#walk(fromByte, onProgress);
    } catch (error) {
      if (error instanceof TraceError) return error;
      throw error;
    }
  }

  async #walk(fromByte: number, onProgress: (doneBytes: number) => void): Promise<TraceError | null> {
    const { name, sizeBytes } = this.source;
    let atByte = fromByte;
    while (atByte < sizeBytes) {
      if (sizeBytes - atByte < RECORD_HEAD_BYTES) return cutOff(name, sizeBytes, `inside a record at byte ${atByte}`);
      const head = new Cursor(name, await this.#window.read(atByte, RECORD_HEAD_BYTES), atByte);
      const opcode = head.u8();
      // A crashed machine leaves zeros where bytes were promised to the file and never came.
      if (opcode === 0) return cutOff(name, atByte, 'and nothing but empty space follows');
      const lengthBytes = head.u64();
      const bodyAtByte = atByte + RECORD_HEAD_BYTES;
      // The message indexes of a chunk stand after it: when something else comes, they are complete.
      if (opcode !== OP.messageIndex) this.#closeChunk();
      if (lengthBytes > sizeBytes - bodyAtByte) return this.#overrun(opcode, atByte, lengthBytes);
      // What follows is the index, and where it is right nobody walks.
      if (opcode === OP.dataEnd || opcode === OP.footer) return null;
      await this.#take(opcode, atByte, bodyAtByte, lengthBytes);
      atByte = bodyAtByte + lengthBytes;
      onProgress(atByte);
    }
    return cutOff(name, sizeBytes, 'between two records');
  }

  /** A length that no writer makes is damage; any other is a record that was not finished. */
  #overrun(opcode: number, atByte: number, lengthBytes: number): TraceError {
    const { name, sizeBytes } = this.source;
    return opcode <= OP.dataEnd && lengthBytes <= MAX_RECORD_BYTES
      ? cutOff(name, sizeBytes, `inside a record that begins at byte ${atByte}`)
      : damaged(name, atByte, `a record of type ${opcode} claims ${lengthBytes} bytes`);
  }

  async #take(opcode: number, atByte: number, bodyAtByte: number, lengthBytes: number): Promise<void> {
    switch (opcode) {
      case OP.chunk: {
        const known = Math.min(lengthBytes, CHUNK_HEAD_BYTES + MAX_COMPRESSION_NAME_BYTES);
        const head = readChunkHead(
          new Cursor(this.source.name, await this.#window.read(bodyAtByte, known), bodyAtByte),
        );
        const whole = RECORD_HEAD_BYTES + lengthBytes;
        this.chunks.push({ atByte, lengthBytes: whole, startUs: head.startUs, endUs: head.endUs, channels: null });
        break;
      }
      case OP.messageIndex: {
        if (lengthBytes < 2) throw damaged(this.source.name, atByte, `a message index of ${lengthBytes} bytes`);
        this.#indexed.push(new Cursor(this.source.name, await this.#window.read(bodyAtByte, 2), bodyAtByte).u16());
        break;
      }
      case OP.channel: {
        if (lengthBytes > MAX_HEAD_BYTES) throw damaged(this.source.name, atByte, `a channel of ${lengthBytes} bytes`);
        const body = new Cursor(this.source.name, await this.#window.read(bodyAtByte, lengthBytes), bodyAtByte);
        const channel = readChannel(body);
        this.channels.set(channel.id, channel);
        break;
      }
      case OP.message:
        throw unsupported(
          this.source.name,
          atByte,
          'its messages do not stand in chunks, and oomscope reads only those that do',
          'Write them into chunks: `mcap compress --compression zstd`.',
        );
    }
  }

  #closeChunk(): void {
    const last = this.chunks.at(-1);
    if (last !== undefined && last.channels === null && this.#indexed.length > 0) {
      this.chunks[this.chunks.length - 1] = { ...last, channels: shared(this.#channelLists, this.#indexed) };
    }
    this.#indexed = [];
  }
}
