import { expect, it } from 'vitest';
import { sampleMemoryStat, sampleSession, sampleThrottle } from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import type { Source } from '../sources/source.js';
import { withNearMisses } from './with-near-misses.js';

it('a near miss is told before the event that ended its window, in the same batch', async () => {
  let emit: (events: readonly OomscopeEvent[]) => void = () => {};
  const source: Source = {
    start: async (to) => {
      emit = to;
    },
    stop: async () => {},
  };
  const batches: (readonly OomscopeEvent[])[] = [];
  await withNearMisses(source).start(
    (events) => batches.push(events),
    () => {},
  );
  const hits = [{ id: 9, low: 0, high: 0, max: 100, oom: 0, oomKill: 0, oomGroupKill: 0 }];
  emit([sampleSession(), sampleMemoryStat({ tUs: 1_000, eventsLocal: hits })]);
  emit([sampleThrottle({ tUs: 2_000, cgroups: [] }), sampleThrottle({ tUs: 60_000_000, cgroups: [] })]);
  expect(batches.map((events) => events.map(({ topic, tUs }) => `${topic} ${tUs}`))).toEqual([
    [`/session ${sampleSession().tUs}`, '/memory/stat 1000'],
    ['/throttle 2000', '/near-miss 60000000', '/throttle 60000000'],
  ]);
});
