import { describe, expect, it } from 'vitest';
import { sampleEpisode, sampleMemoryStat, samplePressure, sampleThrottle } from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { MIN_MAX_EVENTS, MIN_THROTTLED_US, NEAR_MISS_SPAN_US, NearMisses } from './near-miss.js';

const LATER_US = 60_000_000;

/** What was derived from these, once all windows are over. */
function nearMisses(...events: OomscopeEvent[]) {
  const detector = new NearMisses();
  return [...events, samplePressure({ tUs: LATER_US })].flatMap((event) => detector.take(event));
}

const counts = (id: number, max: number, oomKill = 0) => ({
  id,
  low: 0,
  high: 0,
  max,
  oom: 0,
  oomKill,
  oomGroupKill: 0,
});
const statAt = (tUs: number, id: number, max: number, oomKill = 0) =>
  sampleMemoryStat({ tUs, eventsLocal: [counts(id, max, oomKill)], events: [counts(1, max, oomKill)] });
const episodeAt = (tUs: number, outcome: 'no-candidate' | 'victim-dying' | 'unfinished' | 'declined') =>
  sampleEpisode({ tUs, episodeUs: tUs - 5, outcome, choice: null });

describe('a near miss is', () => {
  it('a limit that was hit again and again, of the cgroup whose limit it is', () => {
    const [miss, ...others] = nearMisses(statAt(1_000, 9, MIN_MAX_EVENTS - 1), statAt(2_000, 9, 1));
    expect(others).toEqual([]);
    expect(miss).toEqual({
      topic: '/near-miss',
      tUs: LATER_US,
      cgroupId: 9,
      what: 'max-events',
      spanUs: LATER_US - 1_000,
      count: MIN_MAX_EVENTS,
      throttledUs: null,
    });
  });

  it('an episode that killed nobody, counted with those that followed soon', () => {
    const found = nearMisses(episodeAt(1_000, 'no-candidate'), episodeAt(2_000, 'declined'));
    expect(found.map(({ what, count, cgroupId }) => [what, count, cgroupId])).toEqual([
      ['episode-without-kill', 2, 42],
    ]);
    const node = nearMisses({ ...episodeAt(1_000, 'no-candidate'), limitCgroup: null } as OomscopeEvent);
    expect(node[0]?.cgroupId).toBeNull();
  });

  it('tasks that memory.high kept asleep for long', () => {
    const sleep = (tUs: number, sleepUs: number) =>
      sampleThrottle({ tUs, cgroups: [{ id: 9, spanUs: 1_000, sleeps: 2, sleepUs }] });
    const found = nearMisses(sleep(5_000, MIN_THROTTLED_US / 2), sleep(6_000, MIN_THROTTLED_US / 2));
    expect(found.map(({ what, count, throttledUs }) => [what, count, throttledUs])).toEqual([
      ['throttled', 4, MIN_THROTTLED_US],
    ]);
    expect(nearMisses(sleep(5_000, MIN_THROTTLED_US - 1))).toEqual([]);
  });
});

describe('no near miss is', () => {
  it('a limit that was hit a few times', () => {
    expect(nearMisses(statAt(1_000, 9, MIN_MAX_EVENTS - 1))).toEqual([]);
  });

  it('the same number of hits, spread over two windows', () => {
    const half = MIN_MAX_EVENTS / 2;
    expect(nearMisses(statAt(1_000, 9, half), statAt(1_000 + NEAR_MISS_SPAN_US, 9, half))).toEqual([]);
  });

  it('what ended in a kill', () => {
    expect(nearMisses(episodeAt(1_000, 'no-candidate'), sampleEpisode({ tUs: 2_000 }))).toEqual([]);
    expect(nearMisses(statAt(1_000, 9, 500, 1))).toEqual([]);
    expect(nearMisses(statAt(1_000, 42, 500), sampleEpisode({ tUs: 2_000 }))).toEqual([]);
  });

  it('an episode in which a victim was dying already, or whose end was not seen', () => {
    expect(nearMisses(episodeAt(1_000, 'victim-dying'))).toEqual([]);
    expect(nearMisses(episodeAt(1_000, 'unfinished'))).toEqual([]);
  });
});

it('a near miss is told with the first event after its window, once', () => {
  const detector = new NearMisses();
  detector.take(statAt(1_000, 9, 50));
  expect(detector.take(samplePressure({ tUs: NEAR_MISS_SPAN_US }))).toEqual([]);
  expect(detector.take(samplePressure({ tUs: NEAR_MISS_SPAN_US + 1_000 }))).toHaveLength(1);
  expect(detector.take(samplePressure({ tUs: 3 * NEAR_MISS_SPAN_US }))).toEqual([]);
});
