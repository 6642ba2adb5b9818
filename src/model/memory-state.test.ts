import { describe, expect, it } from 'vitest';
import {
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNearMiss,
  samplePressure,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import {
  cgroupPath,
  foldMemory,
  initialMemoryState,
  MAX_CGROUPS,
  MAX_GONE,
  MAX_NEAR_MISSES,
  retainedMemory,
} from './memory-state.js';

const fold = (...events: OomscopeEvent[]) => foldMemory(initialMemoryState, events);

describe('cgroups', () => {
  it('a cgroup that has gone keeps its name, and its values go', () => {
    const state = fold(
      sampleCgroupLife({ id: 1, path: '/pod/app' }),
      sampleMemorySample({ cgroups: [sampleCgroupSample({ id: 1 }), sampleCgroupSample({ id: 2 })] }),
      sampleMemoryStat({ cgroups: [sampleCgroupStat({ id: 1 })] }),
      sampleCgroupLife({ id: 1, path: null, change: 'vanished' }),
    );
    expect(cgroupPath(state, 1)).toBe('/pod/app');
    expect([...state.cgroups.keys(), ...state.stats.keys()]).toEqual([]);
    expect([...state.samples.keys()]).toEqual([2]);
    expect(cgroupPath(state, 3)).toBeNull();
  });

  it('a sample that was on its way when a cgroup went does not bring it back; only that it is there again does', () => {
    const late = [
      sampleMemorySample({ cgroups: [sampleCgroupSample({ id: 1 }), sampleCgroupSample({ id: 2 })] }),
      sampleMemoryStat({ cgroups: [sampleCgroupStat({ id: 1 }), sampleCgroupStat({ id: 2 })] }),
    ];
    const state = fold(sampleCgroupLife({ id: 1, change: 'vanished' }), ...late);
    expect([...state.samples.keys(), ...state.stats.keys()]).toEqual([2, 2]);
    const again = foldMemory(state, [sampleCgroupLife({ id: 1, change: 'appeared' }), ...late]);
    expect([...again.samples.keys(), ...again.stats.keys()]).toEqual([1, 2, 1, 2]);
  });

  it('a rename is known at once', () => {
    const state = fold(sampleCgroupLife({ path: '/old' }), sampleCgroupLife({ path: '/new', change: 'renamed' }));
    expect(cgroupPath(state, 42)).toBe('/new');
  });
});

describe('samples', () => {
  it('a delta changes the cgroups that it names, a full walk tells which ones there are', () => {
    const first = fold(
      sampleMemorySample({ cgroups: [1, 2, 3].map((id) => sampleCgroupSample({ id, usageBytes: id })) }),
      sampleMemorySample({ kind: 'delta', cgroups: [sampleCgroupSample({ id: 2, usageBytes: 20 })] }),
    );
    expect([...first.samples].map(([id, { usageBytes }]) => [id, usageBytes]).toSorted()).toEqual([
      [1, 1],
      [2, 20],
      [3, 3],
    ]);
    const second = foldMemory(first, [sampleMemorySample({ cgroups: [sampleCgroupSample({ id: 3 })] })]);
    expect([...second.samples.keys()]).toEqual([3]);
    // The state before is what it was: readers hold on to it.
    expect(first.samples.size).toBe(3);
  });
});

it('a stream that never says that anything has gone stays within its bounds', () => {
  const many = (count: number, change: 'appeared' | 'vanished') =>
    Array.from({ length: count }, (_, n) => sampleCgroupLife({ id: n + 1, change }));
  const there = fold(...many(MAX_CGROUPS + 10, 'appeared'));
  expect(there.cgroups.size).toBe(MAX_CGROUPS);
  expect(there.cgroups.has(1)).toBe(false);
  const gone = foldMemory(there, many(MAX_GONE + 10, 'vanished'));
  expect(gone.gone.size).toBe(MAX_GONE);
  const missed = fold(...Array.from({ length: MAX_NEAR_MISSES + 5 }, (_, tUs) => sampleNearMiss({ tUs })));
  expect(missed.nearMisses.map(({ tUs }) => tUs).at(0)).toBe(5);
});

it('what is retained holds the newest values and nothing that was overtaken', () => {
  const pressure = samplePressure({ tUs: 3, cgroups: [sampleCgroupPressure({ someUs: 1 })] });
  const state = fold(sampleMemorySample({ tUs: 1 }), samplePressure({ tUs: 2 }), pressure);
  expect(retainedMemory(state)).toEqual([sampleMemorySample({ tUs: 1 }), pressure]);
});
