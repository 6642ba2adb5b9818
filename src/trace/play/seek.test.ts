import { describe, expect, test } from 'vitest';
import { Random } from '../../../test/fuzz/random.js';
import { sampleCandidate, sampleEpisode, sampleSession } from '../../../test/support/sample-events.js';
import { SyntheticLoad } from '../../../test/support/synthetic-load.js';
import { inChunks, recorded, sampleMeta, traceBytes, zstd } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { type ByteSource, memoryBytes } from '../bytes.js';
import { openTrace } from '../trace-file.js';
import { Seeker } from './seek.js';
import { Timeline } from './timeline.js';

const EPOCH_US = sampleMeta().bootEpochUs;
const SECOND_US = 1_000_000;

/** A tick of each second: five minutes of a calm node with a few cgroups. */
function calmMinutes(): OomscopeEvent[] {
  const load = new SyntheticLoad({ cgroups: 5, hot: 2 });
  const events = load.begin();
  for (let second = 0; second < 300; second++) {
    for (let tick = 0; tick < 99; tick++) load.next();
    events.push(...load.next());
  }
  return events;
}

async function seekerOf(events: readonly OomscopeEvent[]): Promise<Seeker> {
  const bytes = traceBytes(inChunks(recorded(events, { every: 40, parts: 1 }), 20));
  const file = await openTrace(memoryBytes('a.mcap', bytes), { unpack: zstd.unpack });
  return new Seeker(Timeline.of([file]), (problem) => expect.fail(problem.message));
}

describe('a seek', () => {
  const events = calmMinutes();
  const endUs = events.at(-1)?.tUs ?? 0;

  test('comes with the minutes that led there, each event once, and with the state', async () => {
    const atUs = endUs - 30 * SECOND_US;
    const { events: sought } = await (await seekerOf(events)).seek(atUs + EPOCH_US);
    const samples = (all: readonly OomscopeEvent[], fromUs: number) =>
      all.filter(({ topic, tUs }) => topic === '/memory/sample' && tUs > fromUs && tUs <= atUs);
    const leadUs = atUs - 110 * SECOND_US;
    expect(samples(events, leadUs)).toHaveLength(110);
    expect(samples(sought, leadUs)).toStrictEqual(samples(events, leadUs));
    // Not all of the file is read for it.
    expect(samples(sought, 0).length).toBeLessThan(170);
    const before = events.filter(({ tUs }) => tUs <= atUs);
    expect(applyEvents(initialModel, sought)).toStrictEqual(applyEvents(initialModel, before));
  });

  test('to the first minute begins with the file', async () => {
    const atUs = (events[0]?.tUs ?? 0) + 20 * SECOND_US;
    const { events: sought } = await (await seekerOf(events)).seek(atUs + EPOCH_US);
    expect(sought).toStrictEqual(events.filter(({ tUs }) => tUs <= atUs));
  });
});

describe('a seek among a thousand kills', () => {
  const random = new Random(5);
  const noise = () => random.below(2 ** 31);
  const ballot = Array.from({ length: 20 }, (_, row) => row + 1);
  const events: OomscopeEvent[] = [
    sampleSession({ tUs: 1 }),
    ...Array.from({ length: 5_000 }, (_, index) => {
      const tUs = (index + 1) * 20_000;
      const candidates = ballot.map((pid) =>
        sampleCandidate({
          pid,
          tid: pid,
          startUs: noise(),
          rssAnonBytes: noise(),
          rssFileBytes: noise(),
          points: noise(),
        }),
      );
      return sampleEpisode({ tUs, episodeUs: tUs - 5, candidates });
    }),
  ];
  const bytes = traceBytes(inChunks(recorded(events, { every: 500, parts: 3 }), 100));

  test('reads a part of the file that does not grow with it, and gives the whole state', async () => {
    const memory = memoryBytes('a.mcap', bytes);
    let readBytes = 0;
    const read: ByteSource['read'] = (atByte, lengthBytes) => {
      readBytes += lengthBytes;
      return memory.read(atByte, lengthBytes);
    };
    const file = await openTrace({ ...memory, read }, { unpack: zstd.unpack });
    const seeker = new Seeker(Timeline.of([file]), (problem) => expect.fail(problem.message));
    const endUs = events.at(-1)?.tUs ?? 0;
    for (const share of [0.3, 0.501, 0.66, 0.9, 0.999]) {
      const atUs = Math.floor(endUs * share);
      readBytes = 0;
      const sought = await seeker.seek(atUs + EPOCH_US);
      const before = events.filter(({ tUs }) => tUs <= atUs);
      expect(applyEvents(initialModel, sought.events)).toStrictEqual(applyEvents(initialModel, before));
      // A state of a thousand ballots, and what came since.
      expect(readBytes).toBeLessThan(1_700_000);
    }
    expect(bytes.length).toBeGreaterThan(5_000_000);
  });
});

test('a state that is broken is not taken for whole because a whole one follows', async () => {
  const load = new SyntheticLoad({ cgroups: 50, hot: 2 });
  const events = load.begin();
  for (let tick = 0; tick < 200; tick++) events.push(...load.next());
  const cut = 60;
  const before = applyEvents(initialModel, events.slice(0, cut));
  const messages = recorded(events.slice(cut), { first: cut + 1, before, every: 40, parts: 4 });
  const bytes = traceBytes(inChunks(messages.toSpliced(1, 1), 20));
  const file = await openTrace(memoryBytes('a.mcap', bytes), { unpack: zstd.unpack });
  const { events: sought } = await new Seeker(Timeline.of([file]), () => {}).seek((events.at(-1)?.tUs ?? 0) + EPOCH_US);
  expect(applyEvents(initialModel, sought)).toStrictEqual(applyEvents(initialModel, events));
});
