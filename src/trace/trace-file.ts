import { crc32 as crc32InJavaScript } from '@foxglove/crc';
import { KEYFRAME_ID, TOPIC_ID } from '../wire/topics.js';
import { type ByteSource, ReadWindow, readClaimed } from './bytes.js';
import { ChunkCache } from './chunk-cache.js';
import { ChunkMessages } from './chunk-messages.js';
import { MAX_HEAD_BYTES } from './limits.js';
import { type Crc32, readChunk } from './mcap/chunk.js';
import { Cursor } from './mcap/cursor.js';
import { isMagic, MAGIC, OP, RECORD_HEAD_BYTES } from './mcap/format.js';
import { type Channel, type ChunkRef, readChannel, readMetadata } from './mcap/records.js';
import { scanRecords } from './mcap/scan.js';
import { type FileIndex, readSummary } from './mcap/summary.js';
import { METADATA_NAME, metaFromValues, type TraceMeta } from './metadata.js';
import { KEYFRAME_TOPIC } from './topics.js';
import { notATrace, TraceError } from './trace-error.js';
import type { Unpack } from './zstd.js';

export interface OpenOptions {
  readonly unpack: Unpack;
  /** Default: one in JavaScript, for the page. */
  readonly crc32?: Crc32;
  /** Told while a file without an index is walked. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** A trace that was opened: its index is in memory, its chunks are not. */
export interface TraceFile {
  readonly name: string;
  readonly meta: TraceMeta;
  readonly chunks: readonly ChunkRef[];
  /** Topics (TOPIC_ID) that a chunk may have; null = not known, so any. */
  topicsIn(chunk: ChunkRef): readonly number[] | null;
  /** All messages of a chunk that this version knows, in the file's order. Throws TraceError where it is damaged. */
  read(chunk: ChunkRef): Promise<ChunkMessages>;
  /** Null = not counted: the file was not closed. */
  readonly messageCount: number | null;
  /** What is wrong with it, and yet lets most of it be read. */
  readonly problems: readonly TraceError[];
  /** Messages of topics that this version does not know, passed over so far. */
  readonly unknownMessages: number;
}

/** Opens a trace. Throws TraceError when it is none, is for a newer oomscope, or has no readable beginning. */
export async function openTrace(source: ByteSource, options: OpenOptions): Promise<TraceFile> {
  const head = await readHead(source);
  const { index, problems } = await readIndex(source, head, options);
  const meta = head.meta ?? (await indexedMeta(source, index));
  return new OpenFile(source, options, meta, index, head.channels, problems);
}

interface Head {
  readonly meta: TraceMeta | null;
  readonly channels: ReadonlyMap<number, Channel>;
  /** Where the first record after the header stands. */
  readonly dataAtByte: number;
}

/** What stands before the first chunk. */
async function readHead(source: ByteSource): Promise<Head> {
  const { name, sizeBytes } = source;
  const window = new ReadWindow(source);
  const magic = await window.read(0, Math.min(MAGIC.length, sizeBytes));
  if (!isMagic(magic)) {
    throw notATrace(name, 0, sizeBytes === 0 ? 'it is empty' : 'it does not begin as an MCAP file does');
  }
  const header = await recordAt(window, source, MAGIC.length);
  if (header?.opcode !== OP.header) throw notATrace(name, MAGIC.length, 'it has no header');

  let meta: TraceMeta | null = null;
  const channels = new Map<number, Channel>();
  let atByte = header.endByte;
  while (atByte - header.endByte < MAX_HEAD_BYTES) {
    const record = await recordAt(window, source, atByte);
    if (record === null || record.opcode === OP.chunk) break;
    if (record.opcode === OP.channel) {
      const channel = readChannel(record.body);
      channels.set(channel.id, channel);
    }
    if (record.opcode === OP.metadata && meta === null) {
      const { name: metadataName, values } = readMetadata(record.body);
      if (metadataName === METADATA_NAME) meta = metaFromValues(values, name, atByte);
    }
    atByte = record.endByte;
  }
  return { meta, channels, dataAtByte: header.endByte };
}

/** Null = none that is whole, or one that is too long to stand at the beginning. */
async function recordAt(window: ReadWindow, source: ByteSource, atByte: number) {
  if (source.sizeBytes - atByte < RECORD_HEAD_BYTES) return null;
  const head = new Cursor(source.name, await window.read(atByte, RECORD_HEAD_BYTES), atByte);
  const opcode = head.u8();
  const lengthBytes = head.u64();
  const bodyAtByte = atByte + RECORD_HEAD_BYTES;
  const endByte = bodyAtByte + lengthBytes;
  if (opcode === OP.chunk) return { opcode, endByte, body: head };
  if (lengthBytes > MAX_HEAD_BYTES || endByte > source.sizeBytes) return null;
  const body = new Cursor(source.name, await window.read(bodyAtByte, lengthBytes), bodyAtByte);
  return { opcode, endByte, body };
}

/** From the end of the file; where that is missing or wrong, by walking through it. */
async function readIndex(
  source: ByteSource,
  head: Head,
  options: OpenOptions,
): Promise<{ index: FileIndex; problems: TraceError[] }> {
  const problems: TraceError[] = [];
  try {
    const index = await readSummary(source, head.dataAtByte);
    if (index !== null) return { index, problems };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    problems.push(error);
  }
  const onProgress = options.onProgress ?? (() => {});
  const scan = await scanRecords(source, head.dataAtByte, (done) => onProgress(done, source.sizeBytes));
  if (scan.problem?.code === 'E_TRACE_UNSUPPORTED') throw scan.problem;
  if (scan.problem !== null) problems.push(scan.problem);
  return { index: scan.index, problems };
}

/** Tools that rewrite a file may put its metadata elsewhere. */
async function indexedMeta(source: ByteSource, index: FileIndex): Promise<TraceMeta> {
  const place = index.metadataAtByte.get(METADATA_NAME);
  if (place === undefined) throw notATrace(source.name, MAGIC.length, 'it is an MCAP file of another program');
  const bytes = await readClaimed(source, place.atByte, place.lengthBytes, MAX_HEAD_BYTES, 'metadata');
  const { opcode, body } = new Cursor(source.name, bytes, place.atByte).record();
  if (opcode !== OP.metadata) throw notATrace(source.name, place.atByte, 'its metadata is not where the index says');
  return metaFromValues(readMetadata(body).values, source.name, place.atByte);
}

const TOPIC_ID_OF: ReadonlyMap<string, number> = new Map([...Object.entries(TOPIC_ID), [KEYFRAME_TOPIC, KEYFRAME_ID]]);

class OpenFile implements TraceFile {
  readonly name: string;
  readonly chunks: readonly ChunkRef[];
  readonly messageCount: number | null;
  /** Channel → topic; channels of topics that this version does not know are missing. */
  readonly #topics = new Map<number, number>();
  #unknownMessages = 0;
  readonly #read = new ChunkCache();

  constructor(
    private readonly source: ByteSource,
    private readonly options: OpenOptions,
    readonly meta: TraceMeta,
    index: FileIndex,
    headChannels: ReadonlyMap<number, Channel>,
    readonly problems: readonly TraceError[],
  ) {
    this.name = source.name;
    this.chunks = index.chunks;
    this.messageCount = index.messageCount;
    for (const channel of [...headChannels.values(), ...index.channels.values()]) {
      const topicId = TOPIC_ID_OF.get(channel.topic);
      if (topicId !== undefined && channel.messageEncoding === 'protobuf') this.#topics.set(channel.id, topicId);
    }
  }

  get unknownMessages(): number {
    return this.#unknownMessages;
  }

  topicsIn(chunk: ChunkRef): readonly number[] | null {
    return chunk.channels?.map((channel) => this.#topics.get(channel) ?? 0) ?? null;
  }

  read(chunk: ChunkRef): Promise<ChunkMessages> {
    return this.#read.get(chunk, () => this.#unpackChunk(chunk));
  }

  async #unpackChunk(chunk: ChunkRef): Promise<ChunkMessages> {
    const { unpack, crc32 = crc32InJavaScript } = this.options;
    const raw = await readChunk(this.source, chunk, unpack, crc32);
    const messages = new ChunkMessages(raw, this.#topics, this.meta);
    this.#unknownMessages += raw.count - messages.count;
    return messages;
  }
}
