import { crc32 } from '@foxglove/crc';
import { type Channel, McapChunkBuilder, McapRecordBuilder, type MessageIndex, Opcode, type Schema } from '@mcap/core';
import { KEYFRAME_ID } from '../wire/topics.js';
import { descriptorSet } from './descriptor-set.js';
import { MAX_EVENT_BYTES, MAX_MESSAGE_BYTES } from './limits.js';
import { METADATA_NAME, metaToValues, type TraceMeta } from './metadata.js';
import { TRACE_CHANNELS } from './topics.js';
import type { TraceMessage } from './trace-message.js';
import type { Pack } from './zstd.js';

/** One chunk as the index at the end of the file lists it. */
interface WrittenChunk {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly atByte: number;
  readonly lengthBytes: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly indexOffsets: Map<number, bigint>;
  readonly indexBytes: number;
  readonly messageCounts: ReadonlyMap<number, number>;
}

/**
 * Makes the bytes of a trace file, piece by piece, for whoever writes them: no I/O, no clock. The library's own writer is
 * not used, since it cannot close a chunk that is not full, and a quiet node would lose hours when it crashes.
 *
 * A file that ends after any of the pieces is readable.
 */
export class TraceBuilder {
  readonly #records = new McapRecordBuilder();
  readonly #chunk = new McapChunkBuilder({ useMessageIndex: true });
  readonly #chunks: WrittenChunk[] = [];
  readonly #bootEpochNs: bigint;
  #metadata = { atByte: 0, lengthBytes: 0 };
  #atByte = 0;

  constructor(
    private readonly meta: TraceMeta,
    private readonly pack: Pack,
  ) {
    this.#bootEpochNs = BigInt(meta.bootEpochUs) * 1000n;
  }

  /** Bytes in all pieces so far. */
  get sizeBytes(): number {
    return this.#atByte;
  }

  /** Bytes, not packed, of the messages that wait in the open chunk. */
  get pendingBytes(): number {
    return this.#chunk.byteLength;
  }

  /** The first piece. Channels stand before the first chunk, so that damage to a chunk costs that chunk alone. */
  begin(): Uint8Array {
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: '', library: `oomscope ${this.meta.oomscopeVersion}` });
    this.#metadata = { atByte: this.#records.length, lengthBytes: 0 };
    this.#records.writeMetadata({ name: METADATA_NAME, metadata: metaToValues(this.meta) });
    this.#metadata.lengthBytes = this.#records.length - this.#metadata.atByte;
    writeSchemas(this.#records);
    writeChannels(this.#records);
    return this.#piece();
  }

  /** False = larger than a reader would take: not added. */
  add({ topicId, tUs, sequence, payload }: TraceMessage): boolean {
    if (payload.length > (topicId === KEYFRAME_ID ? MAX_MESSAGE_BYTES : MAX_EVENT_BYTES)) return false;
    const timeNs = BigInt(tUs) * 1000n + this.#bootEpochNs;
    this.#chunk.addMessage({
      channelId: topicId,
      sequence,
      logTime: timeNs,
      publishTime: timeNs,
      data: payload,
    });
    return true;
  }

  /** The open chunk with its message indexes; null = nothing was added to it. */
  closeChunk(): Uint8Array | null {
    if (this.#chunk.numMessages === 0) return null;
    const unpacked = this.#chunk.buffer;
    const packed = this.pack(unpacked);
    const startNs = this.#chunk.messageStartTime;
    const endNs = this.#chunk.messageEndTime;
    this.#records.writeChunk({
      messageStartTime: startNs,
      messageEndTime: endNs,
      uncompressedSize: BigInt(unpacked.length),
      uncompressedCrc: crc32(unpacked),
      compression: 'zstd',
      records: packed,
    });
    const lengthBytes = this.#records.length;
    const indexOffsets = new Map<number, bigint>();
    const messageCounts = new Map<number, number>();
    for (const index of this.#chunk.indices as Iterable<MessageIndex>) {
      indexOffsets.set(index.channelId, BigInt(this.#atByte + this.#records.length));
      messageCounts.set(index.channelId, index.records.length);
      this.#records.writeMessageIndex(index);
    }
    this.#chunks.push({
      startNs,
      endNs,
      atByte: this.#atByte,
      lengthBytes,
      packedBytes: packed.length,
      unpackedBytes: unpacked.length,
      indexOffsets,
      indexBytes: this.#records.length - lengthBytes,
      messageCounts,
    });
    this.#chunk.reset();
    return this.#piece();
  }

  /**
   * The last piece: the index. `writtenBytes` is where it will stand: less than all where later pieces did not make it
   * to the disk; their chunks are left out.
   */
  end(writtenBytes = this.#atByte): Uint8Array {
    const chunks = this.#chunks.filter((chunk) => chunk.atByte + chunk.lengthBytes + chunk.indexBytes <= writtenBytes);
    // 0 = no checksum over all the data: each chunk has its own.
    this.#records.writeDataEnd({ dataSectionCrc: 0 });
    return concat(this.#piece(), summary(chunks, this.#metadata, writtenBytes + DATA_END_BYTES));
  }

  #piece(): Uint8Array {
    const bytes = this.#records.buffer;
    this.#records.reset();
    this.#atByte += bytes.length;
    return bytes;
  }
}

const DATA_END_BYTES = 13;
/** The footer up to its checksum. */
const FOOTER_HEAD_BYTES = 25;

/** Groups of records, the same as at the beginning first, then what is only known now; then where each group stands. */
function summary(
  chunks: readonly WrittenChunk[],
  metadata: { readonly atByte: number; readonly lengthBytes: number },
  atByte: number,
): Uint8Array {
  const records = new McapRecordBuilder();
  const groups: { opcode: Opcode; write: () => void }[] = [
    { opcode: Opcode.SCHEMA, write: () => writeSchemas(records) },
    { opcode: Opcode.CHANNEL, write: () => writeChannels(records) },
    { opcode: Opcode.STATISTICS, write: () => writeStatistics(records, chunks) },
    { opcode: Opcode.METADATA_INDEX, write: () => writeMetadataIndex(records, metadata) },
    { opcode: Opcode.CHUNK_INDEX, write: () => writeChunkIndexes(records, chunks) },
  ];
  const offsets = groups.map(({ opcode, write }) => {
    const start = records.length;
    write();
    return { groupOpcode: opcode, groupStart: BigInt(atByte + start), groupLength: BigInt(records.length - start) };
  });
  const offsetsAtByte = atByte + records.length;
  for (const offset of offsets) if (offset.groupLength > 0n) records.writeSummaryOffset(offset);

  const footer = { summaryStart: BigInt(atByte), summaryOffsetStart: BigInt(offsetsAtByte), summaryCrc: 0 };
  const crcEnd = records.length + FOOTER_HEAD_BYTES;
  records.writeFooter(footer);
  records.writeMagic();
  const bytes = records.buffer;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(crcEnd, crc32(bytes.subarray(0, crcEnd)), true);
  return bytes;
}

function writeSchemas(records: McapRecordBuilder): void {
  TRACE_CHANNELS.forEach(({ schema }, index) => {
    const record: Schema = { id: index + 1, name: schema, encoding: 'protobuf', data: descriptorSet(schema) };
    records.writeSchema(record);
  });
}

function writeChannels(records: McapRecordBuilder): void {
  TRACE_CHANNELS.forEach(({ id, topic }, index) => {
    const channel: Channel = { id, schemaId: index + 1, topic, messageEncoding: 'protobuf', metadata: new Map() };
    records.writeChannel(channel);
  });
}

function writeStatistics(records: McapRecordBuilder, chunks: readonly WrittenChunk[]): void {
  const counts = new Map<number, bigint>();
  for (const chunk of chunks) {
    for (const [channel, count] of chunk.messageCounts)
      counts.set(channel, (counts.get(channel) ?? 0n) + BigInt(count));
  }
  records.writeStatistics({
    messageCount: [...counts.values()].reduce((sum, count) => sum + count, 0n),
    schemaCount: TRACE_CHANNELS.length,
    channelCount: TRACE_CHANNELS.length,
    attachmentCount: 0,
    metadataCount: 1,
    chunkCount: chunks.length,
    messageStartTime: chunks.reduce(
      (least, { startNs }) => (startNs < least ? startNs : least),
      chunks[0]?.startNs ?? 0n,
    ),
    messageEndTime: chunks.reduce((most, { endNs }) => (endNs > most ? endNs : most), 0n),
    channelMessageCounts: counts,
  });
}

function writeMetadataIndex(records: McapRecordBuilder, place: { atByte: number; lengthBytes: number }): void {
  records.writeMetadataIndex({
    name: METADATA_NAME,
    offset: BigInt(place.atByte),
    length: BigInt(place.lengthBytes),
  });
}

function writeChunkIndexes(records: McapRecordBuilder, chunks: readonly WrittenChunk[]): void {
  for (const chunk of chunks) {
    records.writeChunkIndex({
      messageStartTime: chunk.startNs,
      messageEndTime: chunk.endNs,
      chunkStartOffset: BigInt(chunk.atByte),
      chunkLength: BigInt(chunk.lengthBytes),
      messageIndexOffsets: chunk.indexOffsets,
      messageIndexLength: BigInt(chunk.indexBytes),
      compression: 'zstd',
      compressedSize: BigInt(chunk.packedBytes),
      uncompressedSize: BigInt(chunk.unpackedBytes),
    });
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
