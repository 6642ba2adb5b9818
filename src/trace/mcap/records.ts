import type { Cursor } from './cursor.js';

/** Where a chunk stands and what is in it, as the index says. */
export interface ChunkRef {
  readonly atByte: number;
  /** The whole record. */
  readonly lengthBytes: number;
  /** µs since 1970 of its earliest and its latest message. */
  readonly startUs: number;
  readonly endUs: number;
  /** Channels that have messages in it; null = not known, so any. */
  readonly channels: readonly number[] | null;
}

export interface Channel {
  readonly id: number;
  readonly topic: string;
  readonly messageEncoding: string;
}

export interface ChunkHead {
  readonly startUs: number;
  readonly endUs: number;
  readonly unpackedBytes: number;
  /** 0 = none was taken. */
  readonly crc: number;
  /** Empty = not packed. */
  readonly compression: string;
  readonly packedBytes: number;
}

export function readChunkHead(body: Cursor): ChunkHead {
  return {
    startUs: body.timeUs(),
    endUs: body.timeUs(),
    unpackedBytes: body.u64(),
    crc: body.u32(),
    compression: body.string(),
    packedBytes: body.u64(),
  };
}

export function readChannel(body: Cursor): Channel {
  const id = body.u16();
  body.u16(); // its schema: ours are known by the topic
  return { id, topic: body.string(), messageEncoding: body.string() };
}

export function readMetadata(body: Cursor): { readonly name: string; readonly values: ReadonlyMap<string, string> } {
  const name = body.string();
  const values = new Map<string, string>();
  const endsWith = body.leftBytes - 4 - body.u32();
  if (endsWith < 0) throw body.error('a map is longer than its record');
  while (body.leftBytes > endsWith) values.set(body.string(), body.string());
  return { name, values };
}

/** `channelLists` lets the thousands of chunks with the same channels share one list. */
export function readChunkIndex(body: Cursor, channelLists: Map<string, readonly number[]>): ChunkRef {
  const startUs = body.timeUs();
  const endUs = body.timeUs();
  const atByte = body.u64();
  const lengthBytes = body.u64();
  const mapBytes = body.u32();
  if (mapBytes % 10 !== 0) throw body.error(`a map of 10-byte pairs has ${mapBytes} bytes`);
  const channels: number[] = [];
  for (let left = mapBytes; left > 0; left -= 10) {
    channels.push(body.u16());
    body.take(8);
  }
  return { atByte, lengthBytes, startUs, endUs, channels: shared(channelLists, channels) };
}

export function shared(lists: Map<string, readonly number[]>, channels: readonly number[]): readonly number[] {
  const key = channels.join();
  const known = lists.get(key);
  if (known !== undefined) return known;
  lists.set(key, channels);
  return channels;
}

/** The number of messages in the file. */
export function readStatistics(body: Cursor): number {
  return body.u64();
}
