import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { inChunks, recorded, sampleMeta, zstd } from '../../test/support/trace.js';
import { OomscopeError } from '../base/errors.js';
import { memoryBytes } from './bytes.js';
import { nextKillUs } from './play/kills.js';
import { Playhead } from './play/playhead.js';
import { Seeker } from './play/seek.js';
import { Timeline } from './play/timeline.js';
import { TraceBuilder } from './trace-builder.js';
import { TraceError } from './trace-error.js';
import { openTrace } from './trace-file.js';
import type { Unpack } from './zstd.js';

/** Files in all. `npm run test:fuzz`, a stage of `make test`, takes 200,000. */
const FILES = Number(process.env['OOMSCOPE_FUZZ_RUNS'] ?? 4_000);
/** Of each kind. */
const RUNS = FILES / 2;
const MAX_MS = 1000;
const MAX_RSS_BYTES = 512 * 1024 * 1024;

const stream = new EventStream();
const events = [...stream.session('node-1')];
for (let kill = 0; kill < 3; kill++) events.push(...stream.kill(), ...stream.step(kill), ...stream.loss(kill));
const chunks = inChunks(recorded(events, { every: 4 }), 5);

function build(pack: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const builder = new TraceBuilder(sampleMeta(), pack);
  const pieces = [builder.begin()];
  for (const messages of chunks) {
    for (const message of messages) builder.add(message);
    pieces.push(builder.closeChunk() ?? new Uint8Array());
  }
  return new Uint8Array(Buffer.concat([...pieces, builder.end()]));
}

/** Without any checksum, so that what is changed comes through to the decoders. */
function unchecked(bytes: Uint8Array, chunkAtBytes: readonly number[]): Uint8Array {
  const open = bytes.slice();
  const view = new DataView(open.buffer);
  for (const atByte of chunkAtBytes) view.setUint32(atByte + 33, 0, true);
  view.setUint32(open.length - 12, 0, true);
  return open;
}

const packed = build(zstd.pack);
const plain = build((bytes) => bytes);
const asIs: Unpack = (bytes) => bytes;

async function chunkPlaces(bytes: Uint8Array, unpack: Unpack): Promise<number[]> {
  const trace = await openTrace(memoryBytes('base.mcap', bytes), { unpack });
  return trace.chunks.map(({ atByte }) => atByte);
}

/** The same numbers in each run, so that a failure can be looked at again. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const HOSTILE = [0n, 1n, 0xffn, 0x7fffffffn, 0xffffffffn, 1n << 40n, (1n << 53n) - 1n, (1n << 64n) - 1n];

function mutated(base: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = base.slice();
  const view = new DataView(bytes.buffer);
  const changes = 1 + random(4);
  for (let change = 0; change < changes; change++) {
    const at = random(bytes.length - 8);
    switch (random(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        view.setBigUint64(at, HOSTILE[random(HOSTILE.length)] ?? 0n, true);
        break;
      case 3:
        bytes.copyWithin(at, random(bytes.length), random(bytes.length));
        break;
      case 4:
        view.setUint32(at, Number((HOSTILE[random(5)] ?? 0n) & 0xffffffffn), true);
        break;
    }
  }
  return random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

/** All that is ever done with a file: open it, play it, seek in it, look for kills. Returns what was refused. */
async function useAll(bytes: Uint8Array, unpack: Unpack): Promise<OomscopeError[]> {
  const problems: OomscopeError[] = [];
  const tell = (problem: OomscopeError) => problems.push(problem);
  try {
    const trace = await openTrace(memoryBytes('mutated.mcap', bytes), { unpack });
    problems.push(...trace.problems);
    const timeline = Timeline.of([trace]);
    const playhead = new Playhead(timeline, tell);
    while ((await playhead.takeUntil(Number.POSITIVE_INFINITY, 1000)).nextUs !== null);
    await new Seeker(timeline, tell).seek((timeline.startUs + timeline.endUs) / 2);
    await nextKillUs(timeline, timeline.startUs);
  } catch (error) {
    if (!(error instanceof OomscopeError)) throw error;
    problems.push(error);
  }
  return problems;
}

function hasCodeAndPlace(problem: OomscopeError): boolean {
  return (
    problem instanceof TraceError && /^E_(TRACE_|NOT_A_TRACE)/.test(problem.code) && /byte \d+/.test(problem.message)
  );
}

describe.each([
  ['packed with zstd', () => Promise.resolve(packed), zstd.unpack],
  ['without checksums', async () => unchecked(plain, await chunkPlaces(plain, asIs)), asIs],
] as const)('a file %s', (_, makeBase, unpack) => {
  test('whatever is changed in it, is read or refused with a code and a place: no crash, no hang, no flood of memory', {
    timeout: 60_000 + RUNS * 20,
  }, async () => {
    const base = await makeBase();
    const random = randomNumbers(7);
    let slowestMs = 0;
    let refused = 0;
    const unplaced: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const before = process.cpuUsage();
      const problems = await useAll(mutated(base, random), unpack);
      // Of this process alone: a busy machine is no hang. One that waits for ever ends with the test's own deadline.
      const { user, system } = process.cpuUsage(before);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
      if (problems.length > 0) refused++;
      // Not by expect(): there are half a million of them.
      unplaced.push(...problems.filter((problem) => !hasCodeAndPlace(problem)).map((problem) => problem.toLine()));
    }
    expect(unplaced).toEqual([]);
    expect(slowestMs).toBeLessThan(MAX_MS);
    expect(process.memoryUsage().rss).toBeLessThan(MAX_RSS_BYTES);
    expect(refused).toBeGreaterThan(RUNS * 0.3);
  });
});
