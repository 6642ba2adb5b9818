import { describe, expect, test } from 'vitest';
import { SyntheticLoad } from '../../../test/support/synthetic-load.js';
import { inChunks, recorded, sampleMeta, traceBytes, zstd } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { memoryBytes } from '../bytes.js';
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
