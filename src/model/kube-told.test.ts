import { expect, it } from 'vitest';
import { calmKube, webKill } from '../../test/support/kube-scene.js';
import { sceneSession } from '../../test/support/scenes.js';
import type { KubeEvent } from '../events/kube.js';
import { applyEvents, initialModel } from './fold.js';
import { type Told, withTold } from './kube-told.js';
import { retainedEvents } from './retained.js';

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
  expect(kept).toHaveLength(20);
  expect(kept.at(-1)).toBe(4_990);
});

it('the model remembers it so, and tells it again to who comes later', () => {
  const killUs = 1_100_000_000;
  const at = (seconds: number) => calmKube(killUs + seconds * 1_000_000);
  const events = [sceneSession(), at(-60), at(-30), ...webKill(killUs), at(5), at(40), at(70)];
  const model = applyEvents(initialModel, events);
  expect(model.told).toEqual([at(-30), at(5), at(70)]);
  expect(applyEvents(initialModel, retainedEvents(model)).told).toEqual(model.told);
});
