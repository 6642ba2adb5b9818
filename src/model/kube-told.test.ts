import { expect, it } from 'vitest';
import { calmKube } from '../../test/support/kube-scene.js';
import { sampleKill } from '../../test/support/sample-events.js';
import type { KubeEvent } from '../events/kube.js';
import { type Told, ToldHistory, withTold } from './kube-told.js';

/** The times of what is remembered after it was told at `times` and somebody was killed at `kills`. */
function remembered(times: readonly number[], kills: readonly number[]): number[] {
  const told = times
    .map((tUs) => calmKube(tUs))
    .reduce<Told>((known, event: KubeEvent) => {
      // Later ones have not happened yet.
      const past = kills.filter((killUs) => killUs < event.tUs);
      return withTold(known, event, (fromUs, toUs) => past.some((killUs) => killUs >= fromUs && killUs < toUs));
    }, []);
  return told.map(({ tUs }) => tUs);
}

/** The same by what goes by. */
function kept(times: readonly number[], kills: readonly number[]): number[] {
  const history = new ToldHistory();
  const events = [...times.map((tUs) => calmKube(tUs)), ...kills.map((killUs) => sampleKill({ killUs, tUs: killUs }))];
  for (const event of events.sort((a, b) => a.tUs - b.tUs)) history.apply(event);
  return history.told.map(({ tUs }) => tUs);
}

it('events that go by leave the same', () => {
  for (const kills of [[], [25], [25, 26, 35], [5], [45]]) {
    expect(kept([10, 20, 30, 40, 50], kills)).toEqual(remembered([10, 20, 30, 40, 50], kills));
  }
});

it('without a kill the newest is remembered alone', () => {
  expect(remembered([10, 20, 30], [])).toEqual([30]);
});

it('what was told last before a kill and first after it stays', () => {
  expect(remembered([10, 20, 30, 40, 50], [25])).toEqual([20, 30, 50]);
  expect(remembered([10, 20, 30, 40, 50], [25, 25, 35])).toEqual([20, 30, 40, 50]);
  expect(remembered([10, 20, 30], [5])).toEqual([10, 30]);
  expect(remembered([10, 20, 30], [20])).toEqual([20, 30]);
});

it('it is bounded, however many kills there were', () => {
  const times = Array.from({ length: 500 }, (_, index) => index * 10);
  const kept = remembered(
    times,
    times.map((tUs) => tUs + 5),
  );
  expect(kept).toHaveLength(200);
  expect(kept.at(-1)).toBe(4_990);
});
