import { expect, it } from 'vitest';
import {
  MIB,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from './fold.js';
import { SeriesStore } from './series/series.js';
import { movedTracksOf, tracksOf } from './tracks.js';

const S = 1_000_000;

function anonOf(events: readonly OomscopeEvent[]): [number, number][] {
  const series = new SeriesStore();
  for (const event of events) series.apply(event);
  const [track] = tracksOf(series, applyEvents(initialModel, events).memory, 0, 60 * S);
  return (track?.points ?? []).map(({ tUs, anonBytes }) => [tUs / S, (anonBytes ?? 0) / MIB]);
}

const usage = (second: number, mib: number) =>
  sampleMemorySample({ tUs: second * S, cgroups: [sampleCgroupSample({ usageBytes: mib * MIB })] });
const stat = (second: number, mib: number) =>
  sampleMemoryStat({ tUs: second * S, cgroups: [sampleCgroupStat({ anonBytes: mib * MIB })] });
const ticks = (...seconds: number[]) => seconds.map((second) => sampleNode({ tUs: second * S }));

it('a cgroup whose usage stayed at each tick held until the last of them what it held, though no breakdown was told', () => {
  const events = [sampleCgroupLife(), usage(1, 100), stat(1, 90), ...ticks(1, 2, 3, 4), usage(4, 150), stat(5, 190)];
  expect(anonOf(events)).toEqual([
    [1, 90],
    [3, 90],
    [5, 190],
  ]);
});

it('nothing is claimed of the time without a tick, nor after the usage has changed', () => {
  expect(anonOf([sampleCgroupLife(), usage(1, 100), stat(1, 90), stat(5, 190)])).toEqual([
    [1, 90],
    [5, 190],
  ]);
  const changed = [sampleCgroupLife(), usage(1, 100), stat(1, 90), ...ticks(1, 2, 3), usage(2, 120), stat(5, 190)];
  expect(anonOf(changed)).toEqual([
    [1, 90],
    [5, 190],
  ]);
});

it('those that did not move are left out where they are not asked for', () => {
  const events = [sampleCgroupLife(), usage(1, 100), usage(2, 110), usage(3, 104)];
  const series = new SeriesStore();
  for (const event of events) series.apply(event);
  const { memory } = applyEvents(initialModel, events);
  expect(movedTracksOf(series, memory, 0, 60 * S, 10 * MIB)).toHaveLength(1);
  expect(movedTracksOf(series, memory, 0, 60 * S, 11 * MIB)).toEqual([]);
});
