import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryEvent } from '../../test/support/arbitrary-event.js';
import { sampleEpisode, sampleLoss, sampleSession, sampleVictim } from '../../test/support/sample-events.js';
import { BoundedOutput } from './bounded-output.js';
import { NdjsonSink } from './ndjson.js';

function setUp(maxBufferedBytes?: number) {
  const stream = new PassThrough({ highWaterMark: 1 });
  const gone: (Error | null)[] = [];
  const options = { onGone: (error: Error | null) => gone.push(error) };
  const output = new BoundedOutput(stream, maxBufferedBytes === undefined ? options : { ...options, maxBufferedBytes });
  const sink = new NdjsonSink(output);
  const lines = () => {
    const text = (stream.read() as Buffer | null)?.toString() ?? '';
    return text.split('\n').filter((line) => line !== '');
  };
  return { stream, sink, lines, gone };
}

describe('NDJSON', () => {
  it('one event is one line, topic and time first', () => {
    const { sink, lines } = setUp();
    sink.write([sampleSession(), sampleVictim()]);
    const [first, second] = lines();
    expect(first).toMatch(/^\{"topic":"\/session","tUs":999000000,/);
    expect(JSON.parse(second ?? '')).toEqual(sampleVictim());
  });

  it('any event comes back equal, and its line holds no control character', () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const { sink, lines } = setUp();
        sink.write([event]);
        const [line, ...more] = lines();
        expect(more).toEqual([]);
        expect(JSON.parse(line ?? '')).toEqual(event);
        expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
      { numRuns: 200 },
    );
  });

  it('a reader that is too slow loses events, is told how many, and memory stays bounded', async () => {
    const { sink, stream, lines } = setUp(10_000);
    for (let i = 0; i < 1_000; i++) sink.write([sampleEpisode({ episodeUs: i })]);
    expect(stream.writableLength).toBeLessThan(20_000);
    const read: string[] = [];
    for (let last = -1; read.length !== last; ) {
      last = read.length;
      read.push(...lines());
      await new Promise(setImmediate);
    }
    sink.write([sampleVictim()]);
    await new Promise(setImmediate);
    read.push(...lines());
    const loss = read.map((line) => JSON.parse(line) as Record<string, unknown>).find((e) => e['topic'] === '/loss');
    expect(loss).toMatchObject({ where: 'output-queue', tUs: sampleEpisode().tUs });
    expect(read.length + Number(loss?.['count'])).toBe(1_000 + 1 + 1);
  });

  it('a reader that has gone ends the output quietly, any other failure is told', () => {
    for (const [code, told] of [
      ['EPIPE', null],
      ['ENOSPC', 'ENOSPC'],
    ] as const) {
      const { sink, stream, gone } = setUp();
      stream.emit('error', Object.assign(new Error(code), { code }));
      sink.write([sampleVictim()]);
      expect(gone.map((error) => error?.message ?? null)).toEqual([told]);
    }
  });

  it('the end does not wait for a reader that never reads', async () => {
    const { sink } = setUp();
    sink.write([sampleEpisode(), sampleEpisode()]);
    await expect(sink.close()).resolves.toBeUndefined();
  });

  it('after a jump in a replay, only what was not printed yet is printed', () => {
    const { sink, lines } = setUp();
    const before = sampleEpisode();
    const inGap = sampleEpisode({ tUs: before.tUs + 10, episodeUs: before.episodeUs + 9 });
    sink.restart([sampleSession(), before]);
    expect(lines().map((line) => JSON.parse(line))).toEqual([sampleSession()]);
    sink.write([before]);
    sink.restart([sampleSession(), before, inGap, sampleLoss({ tUs: inGap.tUs })]);
    expect(lines().map((line) => JSON.parse(line))).toEqual([before, inGap]);
  });
});
