import { crc32 } from '@foxglove/crc';
import { type ByteSource, readClaimed } from '../bytes.js';
import { MAX_SUMMARY_BYTES } from '../limits.js';
import { damaged } from '../trace-error.js';
import { Cursor } from './cursor.js';
import { isMagic, MAGIC, OP, RECORD_HEAD_BYTES, TAIL_BYTES } from './format.js';
import { type Channel, type ChunkRef, readChannel, readChunkIndex, readStatistics } from './records.js';

/** What is known of a file without reading its chunks. */
export interface FileIndex {
  /** In the order in which they stand in the file, none over another. */
  readonly chunks: readonly ChunkRef[];
  readonly channels: ReadonlyMap<number, Channel>;
  /** Null = not counted. */
  readonly messageCount: number | null;
  /** Where metadata records stand, by name. */
  readonly metadataAtByte: ReadonlyMap<string, { readonly atByte: number; readonly lengthBytes: number }>;
}

/**
 * The index at the end of a file that was closed; null = the file was not closed, or has none.
 * Throws TraceError where there is one and it is wrong.
 */
export async function readSummary(source: ByteSource, dataAtByte: number): Promise<FileIndex | null> {
  const tailAtByte = source.sizeBytes - TAIL_BYTES;
  if (tailAtByte < dataAtByte) return null;
  const tail = await source.read(tailAtByte, TAIL_BYTES);
  if (!isMagic(tail.subarray(TAIL_BYTES - MAGIC.length))) return null;

  const { opcode, body } = new Cursor(source.name, tail, tailAtByte).record();
  if (opcode !== OP.footer) throw damaged(source.name, tailAtByte, 'the footer is no footer');
  const summaryAtByte = body.u64();
  const offsetsAtByte = body.u64();
  const crc = body.u32();
  if (summaryAtByte === 0) return null;
  if (summaryAtByte < dataAtByte || summaryAtByte > tailAtByte) {
    throw damaged(source.name, tailAtByte, `the footer says that the index stands at byte ${summaryAtByte}`);
  }

  const bytes = await readClaimed(source, summaryAtByte, tailAtByte - summaryAtByte, MAX_SUMMARY_BYTES, 'the index');
  if (crc !== 0 && summaryCrc(bytes, tail) !== crc) {
    throw damaged(source.name, summaryAtByte, 'the checksum of the index is not that of its bytes');
  }
  const endsAtByte = offsetsAtByte > summaryAtByte && offsetsAtByte < tailAtByte ? offsetsAtByte : tailAtByte;
  const summary = new Cursor(source.name, bytes.subarray(0, endsAtByte - summaryAtByte), summaryAtByte);
  return readIndex(summary, dataAtByte, summaryAtByte);
}

/** Over the index and the footer, up to the CRC itself. */
function summaryCrc(summary: Uint8Array, tail: Uint8Array): number {
  const covered = RECORD_HEAD_BYTES + 16;
  const bytes = new Uint8Array(summary.length + covered);
  bytes.set(summary);
  bytes.set(tail.subarray(0, covered), summary.length);
  return crc32(bytes);
}

function readIndex(summary: Cursor, dataAtByte: number, endAtByte: number): FileIndex {
  const chunks: ChunkRef[] = [];
  const channels = new Map<number, Channel>();
  const metadataAtByte = new Map<string, { atByte: number; lengthBytes: number }>();
  const channelLists = new Map<string, readonly number[]>();
  let messageCount: number | null = null;
  while (summary.leftBytes > 0) {
    const { opcode, body } = summary.record();
    if (opcode === OP.chunkIndex) chunks.push(readChunkIndex(body, channelLists));
    if (opcode === OP.statistics) messageCount = readStatistics(body);
    if (opcode === OP.metadataIndex) {
      const place = { atByte: body.u64(), lengthBytes: body.u64() };
      metadataAtByte.set(body.string(), place);
    }
    if (opcode === OP.channel) {
      const channel = readChannel(body);
      channels.set(channel.id, channel);
    }
  }
  chunks.sort((a, b) => a.atByte - b.atByte);
  refuseOverlaps(summary.fileName, chunks, dataAtByte, endAtByte);
  return { chunks, channels, messageCount, metadataAtByte };
}

/** Else a small file could have one chunk unpacked a million times. */
function refuseOverlaps(fileName: string, chunks: readonly ChunkRef[], dataAtByte: number, endAtByte: number): void {
  let freeFromByte = dataAtByte;
  for (const { atByte, lengthBytes } of chunks) {
    if (atByte < freeFromByte || lengthBytes > endAtByte - atByte) {
      throw damaged(fileName, endAtByte, `the index has a chunk of ${lengthBytes} bytes at byte ${atByte}`);
    }
    freeFromByte = atByte + lengthBytes;
  }
}
