import { crc32 } from '@foxglove/crc';
import { type ByteSource, readClaimed } from '../bytes.js';
import { MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES, MAX_PACKED_CHUNK_BYTES } from '../limits.js';
import { damaged, unsupported } from '../trace-error.js';
import type { Unpack } from '../zstd.js';
import { Cursor, timeUs } from './cursor.js';
import { MESSAGE_HEAD_BYTES, OP, RECORD_HEAD_BYTES } from './format.js';
import { type ChunkHead, type ChunkRef, readChunkHead } from './records.js';

/** A message as it stands in the file. */
export interface RawMessage {
  readonly channelId: number;
  readonly sequence: number;
  /** µs since 1970. */
  readonly timeUs: number;
  /** A part of the chunk's memory. */
  readonly payload: Uint8Array;
}

/** All messages of one chunk, in the file's order. Throws TraceError. */
export async function readChunk(source: ByteSource, ref: ChunkRef, unpack: Unpack): Promise<RawMessage[]> {
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

/** The hot loop of a replay: fields are read in place, records other than messages are passed over. */
function messagesIn(records: Uint8Array, fileName: string, chunkAtByte: number): RawMessage[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const refuse = (at: number, what: string) =>
    damaged(fileName, chunkAtByte, `${what} at byte ${at} of the chunk unpacked from there`);
  const messages: RawMessage[] = [];
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
      const payloadAt = bodyAt + MESSAGE_HEAD_BYTES;
      messages.push({
        channelId: view.getUint16(bodyAt, true),
        sequence: view.getUint32(bodyAt + 2, true),
        timeUs: timeUs(view, bodyAt + 6),
        payload: records.subarray(payloadAt, payloadAt + payloadBytes),
      });
    }
    at = bodyAt + lengthBytes;
  }
  return messages;
}
