import { McapRecordBuilder } from '@mcap/core';
import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { inChunks, messagesOf, sampleMeta, traceBytes, tracePieces, zstd } from '../../test/support/trace.js';
import { TOPIC_ID } from '../wire/topics.js';
import { memoryBytes } from './bytes.js';
import { metaToValues } from './metadata.js';
import { TraceError } from './trace-error.js';
import { openTrace, type TraceFile } from './trace-file.js';
import type { TraceMessage } from './trace-message.js';
import type { Unpack } from './zstd.js';
import { answerUnpack } from './zstd-script.js';

const stream = new EventStream();
const events = [...stream.session('node-1')];
for (let kill = 0; kill < 30; kill++) events.push(...stream.kill(), ...stream.step(0), ...stream.loss(kill));
const messages = messagesOf(events);
const whole = traceBytes(inChunks(messages, 10));

function open(bytes: Uint8Array, unpack: Unpack = zstd.unpack): Promise<TraceFile> {
  return openTrace(memoryBytes('test.mcap', bytes), { unpack });
}

async function readAll(trace: TraceFile): Promise<TraceMessage[]> {
  return (await Promise.all(trace.chunks.map((chunk) => trace.read(chunk)))).flatMap((messages) => [...messages]);
}

function plain(list: readonly TraceMessage[]) {
  return list.map((message) => ({ ...message, payload: Buffer.from(message.payload).toString('hex') }));
}

async function refusal(promise: Promise<unknown>): Promise<TraceError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TraceError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe('a trace that was closed', () => {
  test('gives back every message, byte for byte and in order', async () => {
    const trace = await open(whole);
    expect(plain(await readAll(trace))).toEqual(plain(messages));
    expect(trace.meta).toEqual(sampleMeta());
    expect(trace.messageCount).toBe(messages.length);
    expect(trace.problems).toEqual([]);
  });

  test('reads the same in the page, without WebAssembly', async () => {
    const unpack: Unpack = (packed, sizeBytes) => {
      const { bytes } = answerUnpack({ id: 1, packed, sizeBytes });
      if (typeof bytes === 'string') throw new Error(bytes);
      return bytes;
    };
    expect(plain(await readAll(await open(whole, unpack)))).toEqual(plain(messages));
  });

  test('says which topics a chunk has', async () => {
    const trace = await open(traceBytes([messagesOf(stream.session('a')), messagesOf(stream.loss(1))]));
    expect(trace.chunks.map((chunk) => trace.topicsIn(chunk))).toEqual([[TOPIC_ID['/session']], [TOPIC_ID['/loss']]]);
  });

  test('may have no message at all', async () => {
    const trace = await open(traceBytes([]));
    expect(trace.chunks).toEqual([]);
    expect(trace.messageCount).toBe(0);
  });
});

describe('a trace whose recorder was killed', () => {
  test('opens wherever it ends, has every chunk that is whole, and says that it was cut off', async () => {
    const ends = pieceEnds(tracePieces(inChunks(messages, 10)));
    const headBytes = ends[0] ?? 0;
    const indexAtByte = ends.at(-2) ?? 0;
    const { chunks } = await open(whole);
    for (let size = headBytes; size < whole.length; size += ends.some((end) => Math.abs(end - size) < 20) ? 1 : 61) {
      const trace = await open(whole.subarray(0, size));
      const wholeChunks = chunks.filter((chunk) => chunk.atByte + chunk.lengthBytes <= size).length;
      expect(trace.chunks).toHaveLength(wholeChunks);
      expect(plain(await readAll(trace))).toEqual(plain(messages.slice(0, wholeChunks * 10)));
      if (size < indexAtByte) expect(trace.problems.map(({ code }) => code)).toEqual(['E_TRACE_CUT_OFF']);
    }
  });

  test('says up to which byte it was read', async () => {
    const pieces = tracePieces(inChunks(messages, 10));
    const twoChunks = pieces.slice(0, 3).reduce((sum, piece) => sum + piece.length, 0);
    const trace = await open(whole.subarray(0, twoChunks + 100));
    expect(trace.chunks).toHaveLength(2);
    expect(trace.problems[0]).toMatchObject({ code: 'E_TRACE_CUT_OFF', atByte: twoChunks + 100 });
    expect(trace.problems[0]?.message).toContain(`begins at byte ${twoChunks}`);
  });

  test('may end in zeros after a crash of the machine', async () => {
    const pieces = tracePieces(inChunks(messages, 10)).slice(0, 3);
    const trace = await open(new Uint8Array(Buffer.concat([...pieces, new Uint8Array(5000)])));
    expect(trace.chunks).toHaveLength(2);
    expect(trace.problems[0]?.code).toBe('E_TRACE_CUT_OFF');
  });
});

/** Where each piece of a file ends. */
function pieceEnds(pieces: readonly Uint8Array[]): number[] {
  let end = 0;
  return pieces.map((piece) => {
    end += piece.length;
    return end;
  });
}

describe('a damaged trace', () => {
  test('names the byte of a chunk that is wrong, and reads the others', async () => {
    const trace = await open(whole);
    const second = trace.chunks[1];
    if (second === undefined) throw new Error('no second chunk');
    const bytes = whole.slice();
    const at = second.atByte + second.lengthBytes - 20;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const damaged = await open(bytes);
    const outcomes = await Promise.allSettled(damaged.chunks.map((chunk) => damaged.read(chunk)));
    expect(outcomes.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
    const error = await refusal(damaged.read(second));
    expect(error.code).toBe('E_TRACE_DAMAGED');
    expect(error.atByte).toBeGreaterThanOrEqual(second.atByte);
    expect(error.atByte).toBeLessThan(second.atByte + second.lengthBytes);
    expect(error.message).toContain(`byte ${error.atByte}`);
  });

  test('is read without its index when the index is wrong', async () => {
    const bytes = whole.slice();
    const at = bytes.length - 200;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const trace = await open(bytes);
    expect(trace.problems[0]).toMatchObject({ code: 'E_TRACE_DAMAGED' });
    expect(trace.problems[0]?.message).toContain('checksum of the index');
    expect(plain(await readAll(trace))).toEqual(plain(messages));
  });

  test('does not get memory for what a length claims', async () => {
    const bytes = whole.slice(0, whole.length - 40);
    const first = (await open(whole)).chunks[0];
    if (first === undefined) throw new Error('no chunk');
    // 1 TiB of unpacked bytes: the size stands after the record's head and two times.
    new DataView(bytes.buffer).setBigUint64(first.atByte + 9 + 16, 1n << 40n, true);
    const trace = await open(bytes);
    const error = await refusal(trace.read(first));
    expect(error.message).toMatch(/claims 1099511627776 bytes/);
  });
});

describe('what is refused', () => {
  test('a file that is no MCAP file, with the byte', async () => {
    for (const text of ['', 'x', '[  12.3] Out of memory: Killed process 1']) {
      const error = await refusal(open(new TextEncoder().encode(text)));
      expect(error).toMatchObject({ code: 'E_NOT_A_TRACE', atByte: 0 });
    }
  });

  test('an MCAP file of another program', async () => {
    const records = new McapRecordBuilder();
    records.writeMagic();
    records.writeHeader({ profile: 'ros2', library: 'other' });
    records.writeDataEnd({ dataSectionCrc: 0 });
    records.writeFooter({ summaryStart: 0n, summaryOffsetStart: 0n, summaryCrc: 0 });
    records.writeMagic();
    const error = await refusal(open(records.buffer));
    expect(error).toMatchObject({ code: 'E_NOT_A_TRACE' });
    expect(error.message).toContain('another program');
  });

  test('a trace of a newer schema, with the oomscope that it needs', async () => {
    const values = metaToValues(sampleMeta({ schemaVersion: 7 }));
    values.set('needs_oomscope', '2.3.0');
    const records = new McapRecordBuilder();
    records.writeMagic();
    records.writeHeader({ profile: '', library: '' });
    records.writeMetadata({ name: 'oomscope', metadata: values });
    const error = await refusal(open(records.buffer));
    expect(error.code).toBe('E_TRACE_TOO_NEW');
    expect(error.toLine()).toContain('Read it with oomscope 2.3.0 or newer.');
  });
});

test('messages of topics that this version does not know are passed over and counted', async () => {
  const unknown: TraceMessage = { topicId: 99, tUs: 5, sequence: 1, payload: new Uint8Array(3) };
  const trace = await open(traceBytes([[unknown, ...messages.slice(0, 2)]]));
  expect(await readAll(trace)).toHaveLength(2);
  expect(trace.unknownMessages).toBe(1);
});
