import { McapIndexedReader, McapStreamReader, McapWriter, type TypedMcapRecord } from '@mcap/core';
import protobuf from 'protobufjs';
import 'protobufjs/ext/descriptor.js';
import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { sampleEpisode, sampleLoss } from '../../test/support/sample-events.js';
import { inChunks, keyframeOf, messagesOf, sampleMeta, traceBytes, zstd } from '../../test/support/trace.js';
import { memoryBytes } from './bytes.js';
import { openTrace } from './trace-file.js';

// A trace is read here as a stranger would: the public MCAP reader, and the schemas that stand in the file.

const episode = { ...sampleEpisode(), tUs: 1_000_000_300 };
const stream = new EventStream();
const events = [...stream.session('node-1'), ...stream.loss(7), episode, sampleLoss({ tUs: 1_000_000_400 })];
const messages = [keyframeOf(events.slice(0, 1), 1, 1), ...messagesOf(events)];
const bytes = traceBytes(inChunks(messages, 2));
const decompressHandlers = {
  zstd: (packed: Uint8Array, size: bigint) => zstd.unpack(packed, Number(size)),
};

async function openIndexed() {
  return McapIndexedReader.Initialize({
    readable: {
      size: () => Promise.resolve(BigInt(bytes.length)),
      read: (offset, size) => Promise.resolve(bytes.subarray(Number(offset), Number(offset + size))),
    },
    decompressHandlers,
  });
}

/** A decoder made of a schema record alone. */
function decoderOf(schema: { name: string; encoding: string; data: Uint8Array }): protobuf.Type {
  expect(schema.encoding).toBe('protobuf');
  return protobuf.Root.fromDescriptor(schema.data).lookupType(schema.name);
}

describe('the public MCAP reader', () => {
  test('finds every message by the index, with its topic and time', async () => {
    const reader = await openIndexed();
    const read: { topic: string | undefined; timeNs: bigint; sequence: number }[] = [];
    for await (const { channelId, logTime, sequence } of reader.readMessages({ validateCrcs: true })) {
      read.push({ topic: reader.channelsById.get(channelId)?.topic, timeNs: logTime, sequence });
    }
    const epochNs = BigInt(sampleMeta().bootEpochUs) * 1000n;
    expect(read).toEqual([
      { topic: '/keyframe', timeNs: epochNs + 1000n, sequence: 1 },
      ...events.map(({ topic, tUs }, index) => ({
        topic,
        timeNs: epochNs + BigInt(tUs) * 1000n,
        sequence: index + 1,
      })),
    ]);
    expect(reader.statistics?.messageCount).toBe(BigInt(messages.length));
    expect(reader.statistics?.chunkCount).toBe(3);
    expect([...(reader.statistics?.channelMessageCounts.values() ?? [])].sort()).toEqual([1n, 1n, 1n, 2n]);
  });

  test('seeks by time', async () => {
    const reader = await openIndexed();
    const startTime = BigInt(sampleMeta().bootEpochUs + episode.tUs) * 1000n;
    const times: bigint[] = [];
    for await (const message of reader.readMessages({ topics: ['/oom/episode'], startTime }))
      times.push(message.logTime);
    expect(times).toEqual([startTime]);
  });

  test('reads the metadata', async () => {
    const reader = await openIndexed();
    const found: Map<string, string>[] = [];
    for await (const { metadata } of reader.readMetadata({ name: 'oomscope' })) found.push(metadata);
    expect(found[0]?.get('schema_version')).toBe('1');
    expect(found[0]?.get('boot_id')).toBe(sampleMeta().bootId);
    expect(reader.header.library).toBe('oomscope 0.1.0');
  });

  test('decodes an episode with nothing but the schema in the file', async () => {
    const reader = await openIndexed();
    const decoded: Record<string, unknown>[] = [];
    for await (const { channelId, data } of reader.readMessages({ topics: ['/oom/episode'] })) {
      const schema = reader.schemasById.get(reader.channelsById.get(channelId)?.schemaId ?? 0);
      if (schema === undefined) throw new Error('no schema');
      const type = decoderOf(schema);
      decoded.push(type.toObject(type.decode(data), { longs: Number, enums: String }));
    }
    expect(decoded).toHaveLength(1);
    expect(decoded[0]).toMatchObject({
      episode_us: episode.episodeUs,
      total_pages: episode.totalPages,
      outcome: 'EPISODE_OUTCOME_KILLED',
      limit_cgroup: { path: '/lab/app', max: { bytes: 100 * 2 ** 20 }, high: { unlimited: true } },
      choice: { process: { pid: 812, comm: 'hog' }, how: 'CHOICE_HOW_SELECTED' },
      candidates: {
        pid: episode.candidates.map((candidate) => candidate.pid),
        points: episode.candidates.map((candidate) => candidate.points),
      },
    });
  });

  test('has a decoder for every topic', async () => {
    const reader = await openIndexed();
    for (const { topic, schemaId } of reader.channelsById.values()) {
      const schema = reader.schemasById.get(schemaId);
      if (schema === undefined) throw new Error(`${topic} has no schema`);
      expect(decoderOf(schema).fieldsArray.length).toBeGreaterThan(0);
    }
  });

  test('reads the file as a stream too, checksums included', () => {
    const reader = new McapStreamReader({ validateCrcs: true, decompressHandlers });
    reader.append(bytes);
    const types: TypedMcapRecord['type'][] = [];
    for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) types.push(record.type);
    expect(types.filter((type) => type === 'Message')).toHaveLength(messages.length);
    expect(reader.done()).toBe(true);
  });
});

/** The same messages as the library's writer puts them: not packed, channels within chunks, metadata at the end. */
async function rewritten(): Promise<Uint8Array> {
  const reader = await openIndexed();
  const pieces: Uint8Array[] = [];
  let position = 0;
  const writer = new McapWriter({
    writable: {
      write: (piece) => {
        pieces.push(piece.slice());
        position += piece.length;
        return Promise.resolve();
      },
      position: () => BigInt(position),
    },
    chunkSize: 2_000,
  });
  await writer.start({ profile: '', library: 'another tool' });
  const channels = new Map<number, number>();
  for (const channel of reader.channelsById.values()) {
    const schema = reader.schemasById.get(channel.schemaId);
    if (schema === undefined) throw new Error('no schema');
    channels.set(
      channel.id,
      await writer.registerChannel({ ...channel, schemaId: await writer.registerSchema(schema) }),
    );
  }
  for await (const message of reader.readMessages()) {
    await writer.addMessage({ ...message, channelId: channels.get(message.channelId) ?? 0 });
  }
  for await (const metadata of reader.readMetadata()) await writer.addMetadata(metadata);
  await writer.end();
  return new Uint8Array(Buffer.concat(pieces));
}

test('what another tool has made of a trace is still one', async () => {
  const trace = await openTrace(memoryBytes('other.mcap', await rewritten()), { unpack: zstd.unpack });
  expect(trace.meta).toEqual(sampleMeta());
  expect(trace.chunks.length).toBeGreaterThan(1);
  const read = (await Promise.all(trace.chunks.map((chunk) => trace.read(chunk)))).flatMap((messages) => [...messages]);
  expect(read.map(({ tUs, sequence, topicId }) => ({ tUs, sequence, topicId }))).toEqual(
    messages.map(({ tUs, sequence, topicId }) => ({ tUs, sequence, topicId })),
  );
});
