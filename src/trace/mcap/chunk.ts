import { type ByteSource, readClaimed } from '../bytes.js';
import { MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES, MAX_PACKED_CHUNK_BYTES } from '../limits.js';
import { damaged, unsupported } from '../trace-error.js';
import type { Unpack } from '../zstd.js';
import { Cursor, timeUs } from './cursor.js';
import { MESSAGE_HEAD_BYTES, OP, RECORD_HEAD_BYTES } from './format.js';
import { type ChunkHead, type ChunkRef, readChunkHead } from './records.js';

/** CRC-32 (that of zlib and MCAP) of some bytes. */
export type Crc32 = (bytes: Uint8Array) => number;

/**
 * The messages of one chunk as they stand in the file, in its order. Their heads were checked; a field is read when it is
 * asked for. Rejected: an object for each, which costs more than what most of them are asked.
 */
export class RawMessages {
  readonly #view: DataView;

  constructor(
    private readonly records: Uint8Array,
    /** Where the body of each message begins in `records`. */
    private readonly bodies: readonly number[],
  ) {
    this.#view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  }

  get count(): number {
    return this.bodies.length;
  }

  channelId(index: number): number {
    return this.#view.getUint16(this.#body(index), true);
  }

  sequence(index: number): number {
    return this.#view.getUint32(this.#body(index) + 2, true);
  }

  /** µs since 1970. */
  timeUs(index: number): number {
    return timeUs(this.#view, this.#body(index) + 6);
  }

  /** A part of the chunk's memory. */
  payload(index: number): Uint8Array {
    const body = this.#body(index);
    // The record's length, which was checked: eight bytes before the body, of which four are 0.
    return this.records.subarray(body + MESSAGE_HEAD_BYTES, body + this.#view.getUint32(body - 8, true));
  }

  #body(index: number): number {
    return this.bodies[index] ?? 0;
  }
}

/** All messages of one chunk. Throws TraceError. */
export async function readChunk(source: ByteSource, ref: ChunkRef, unpack: Unpack, crc32: Crc32): Promise<RawMessages> {
  const bytes = await readClaimed(source, ref.atByte, ref.lengthBytes, MAX_PACKED_CHUNK_BYTES, 'a chunk');
  const { opcode, body } = new Cursor(source.name, bytes, ref.atByte).record();
  if (opcode !== OP.chunk)
    throw damaged(source.name, ref.atByte, `a chunk is expected, and record type ${opcode} found`);
  const head = readChunkHead(body);
  const packedAtByte = body.atByte;
  const records = await unpacked(source.name, packedAtByte, head, body.take(head.packedBytes), unpack);
  if (head.crc !== 0 && crc32(records) !== head.crc) {
    throw damaged(source.name, packedAtByte, 'the checksum of a chunk is not that of its bytes');
  }
  return messagesIn(records, source.name, ref.atByte);
}

async function unpacked(
  fileName: string,
  atByte: number,
  head: ChunkHead,
  packed: Uint8Array,
  unpack: Unpack,
): Promise<Uint8Array> {
  const { compression, unpackedBytes } = head;
  if (compression !== '' && compression !== 'zstd') {
    throw unsupported(
      fileName,
      atByte,
      `a chunk is packed with ${JSON.stringify(compression.slice(0, 20))}, which oomscope does not read`,
      'Pack it with zstd instead: `mcap compress --compression zstd`.',
    );
  }
  if (unpackedBytes > MAX_CHUNK_BYTES) {
    throw damaged(
      fileName,
      atByte,
      `a chunk claims ${unpackedBytes} bytes; ${MAX_CHUNK_BYTES} are the most there can be`,
    );
  }
  const records = compression === '' ? packed : await unpackOrRefuse(fileName, atByte, packed, unpackedBytes, unpack);
  if (records.length !== unpackedBytes) {
    throw damaged(fileName, atByte, `a chunk has ${records.length} bytes where ${unpackedBytes} are claimed`);
  }
  return records;
}

async function unpackOrRefuse(fileName: string, atByte: number, packed: Uint8Array, sizeBytes: number, unpack: Unpack) {
  try {
    return await unpack(packed, sizeBytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(fileName, atByte, `a chunk does not unpack (${why})`, error);
  }
}

/** Records other than messages are passed over. */
function messagesIn(records: Uint8Array, fileName: string, chunkAtByte: number): RawMessages {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const refuse = (at: number, what: string) =>
    damaged(fileName, chunkAtByte, `${what} at byte ${at} of the chunk unpacked from there`);
  const bodies: number[] = [];
  let at = 0;
  while (at < records.length) {
    const bodyAt = at + RECORD_HEAD_BYTES;
    if (bodyAt > records.length) throw refuse(at, 'half a record');
    const lengthBytes = view.getUint32(at + 1, true) + view.getUint32(at + 5, true) * 2 ** 32;
    if (lengthBytes > records.length - bodyAt) throw refuse(at, `a record that claims ${lengthBytes} bytes`);
    if (records[at] === OP.message) {
      const payloadBytes = lengthBytes - MESSAGE_HEAD_BYTES;
      if (payloadBytes < 0) throw refuse(at, `a message of ${lengthBytes} bytes`);
      if (payloadBytes > MAX_MESSAGE_BYTES) throw refuse(at, `a message that claims ${payloadBytes} bytes`);
      bodies.push(bodyAt);
    }
    at = bodyAt + lengthBytes;
  }
  return new RawMessages(records, bodies);
}
