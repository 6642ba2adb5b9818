import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleLoss,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
} from '../../../test/support/sample-events.js';
import type { CgroupPressure } from '../../events/pressure.js';
import { NODE_ID } from './fields.js';
import { growthOf } from './growth.js';
import { SeriesStore } from './series.js';
import { thinned } from './thin.js';

const SECOND_US = 1_000_000;
const EVER = [0, Number.POSITIVE_INFINITY] as const;

const sampleAt = (tUs: number, usageBytes: number | null, id = 42) =>
  sampleMemorySample({ tUs, kind: 'delta', cgroups: [sampleCgroupSample({ id, usageBytes })] });

function storeOf(rows: readonly (readonly [tUs: number, usageBytes: number | null])[], limits = {}): SeriesStore {
  const store = new SeriesStore(limits);
  for (const [tUs, usage] of rows) store.apply(sampleAt(tUs, usage));
  return store;
}

describe('what is asked is what came', () => {
  it('rows come back with their times; null is NaN, "max" is Infinity', () => {
    const store = storeOf([
      [1, 5],
      [2, null],
      [3, 7],
    ]);
    const { timesUs, values } = store.line('sample', 42, 'usageBytes', 2, 3);
    expect([...timesUs]).toEqual([2, 3]);
    expect([...values]).toEqual([Number.NaN, 7]);
    expect([...store.line('sample', 42, 'highBytes', ...EVER).values]).toEqual(Array(3).fill(Number.POSITIVE_INFINITY));
    expect(store.line('sample', 43, 'usageBytes', ...EVER).timesUs).toHaveLength(0);
  });

  it('a value holds until the next row', () => {
    const store = storeOf([
      [10, 5],
      [20, null],
      [30, 7],
    ]);
    const at = (tUs: number) => store.valueAt('sample', 42, 'usageBytes', tUs);
    expect([9, 10, 19, 20, 29, 30, 1000].map(at)).toEqual([null, 5, 5, null, null, 7, 7]);
  });

  it('several fields are added up row by row', () => {
    const store = new SeriesStore();
    store.apply(sampleMemoryStat({ cgroups: [sampleCgroupStat({ anonBytes: 5, shmemBytes: 2 })] }));
    expect([...store.line('stat', 42, ['anonBytes', 'shmemBytes'], ...EVER).values]).toEqual([7]);
  });

  it('the node has its own series, and events without amounts have none', () => {
    const store = new SeriesStore();
    store.apply(sampleNode({ tUs: 9, memAvailableBytes: 3 }));
    store.apply(samplePressure({ tUs: 9, cgroups: [] }));
    const { version } = store;
    store.apply(sampleLoss());
    expect(store.version).toBe(version);
    expect(store.valueAt('node', NODE_ID, 'memAvailableBytes', 9)).toBe(3);
    expect(store.valueAt('nodePressure', NODE_ID, 'someUs', 9)).toBe(60_000);
    expect(store.ids('pressure')).toEqual([]);
  });

  it('growth over spans is counted for the part that lies inside', () => {
    const store = new SeriesStore();
    const rowAt = (tUs: number, someUs: number | null, spanUs = 100) =>
      store.apply(samplePressure({ tUs, node: null, cgroups: [sampleCgroupPressure({ spanUs, someUs })] }));
    rowAt(1000, 50);
    rowAt(1100, 10);
    // Nothing for a while, then a row that says so by its span.
    rowAt(2000, 40);
    const total = (fromUs: number, toUs: number) => store.total('pressure', 42, 'someUs', fromUs, toUs);
    expect(total(900, 2000)).toBe(100);
    expect(total(950, 1050)).toBe(30);
    expect(total(1100, 1900)).toBe(0);
    expect(total(1900, 1950)).toBe(20);
  });

  it('growth that is not known in some row is not known', () => {
    const store = new SeriesStore();
    const cgroups = [sampleCgroupPressure({ spanUs: 100, someUs: 5, fullUs: null })];
    store.apply(samplePressure({ tUs: 1000, node: null, cgroups }));
    expect(store.total('pressure', 42, 'someUs', 900, 1000)).toBe(5);
    expect(store.total('pressure', 42, 'fullUs', 900, 1000)).toBeNull();
  });

  it('the PSI of a cgroup and the stalls of its tasks come at other moments, and hide each other nowhere', () => {
    const store = new SeriesStore();
    const at = (tUs: number, over: Partial<CgroupPressure>) =>
      store.apply(samplePressure({ tUs, node: null, cgroups: [sampleCgroupPressure({ spanUs: 100, ...over })] }));
    at(1000, { someUs: 50, fullUs: 5, stallUs: null, stalls: null });
    at(1000, { someUs: null, fullUs: null, stallUs: 80, stalls: 2 });
    at(1100, { someUs: 20, fullUs: 0, stallUs: null, stalls: null });
    expect(store.total('pressure', 42, 'someUs', 900, 1100)).toBe(70);
    expect(store.total('stalls', 42, 'stallUs', 900, 1100)).toBe(80);
  });
});

describe('memory', () => {
  it('old rows become coarse, and then go', () => {
    const limits = { fineUs: 10 * SECOND_US, coarseUs: 100 * SECOND_US, coarseStepUs: 5 * SECOND_US };
    const store = storeOf(
      Array.from({ length: 300 }, (_, s) => [s * SECOND_US, s] as const),
      limits,
    );
    const { timesUs, values } = store.line('sample', 42, 'usageBytes', ...EVER);
    const newest = [...values].slice(-10);
    expect(newest).toEqual([290, 291, 292, 293, 294, 295, 296, 297, 298, 299]);
    // Of each five seconds before, the last row.
    expect([...values].slice(0, 3)).toEqual([199, 204, 209]);
    expect([...timesUs]).toEqual([...timesUs].toSorted((a, b) => a - b));
    expect(store.fineFromUs('sample', 42)).toBe(289 * SECOND_US);
  });

  it('coarse pressure adds up: what was lost stays in the sum', () => {
    const store = new SeriesStore({ fineUs: SECOND_US, coarseStepUs: 5 * SECOND_US });
    for (let s = 1; s <= 60; s++) {
      const cgroups = [sampleCgroupPressure({ spanUs: SECOND_US, someUs: 1000 })];
      store.apply(samplePressure({ tUs: s * SECOND_US, cgroups }));
    }
    expect(store.total('pressure', 42, 'someUs', 0, 60 * SECOND_US)).toBeCloseTo(60_000);
  });

  it('ten minutes of a thousand cgroups at a hundred samples a second stay within the bound', {
    timeout: 120_000,
  }, () => {
    // Compressed: a hundred cgroups in turn, so that it is the same number of rows in a tenth of the events' size.
    const store = new SeriesStore({ fineRows: 50_000, coarseRows: 20_000 });
    const cgroups = Array.from({ length: 100 }, (_, n) => sampleCgroupSample({ id: n + 1 }));
    let highest = 0;
    for (let tick = 0; tick < 60_000; tick += 4) {
      store.apply(sampleMemorySample({ tUs: tick * 10_000, kind: 'delta', cgroups }));
      highest = Math.max(highest, store.rows.fine);
    }
    expect(highest).toBeLessThanOrEqual(50_000 + cgroups.length);
    expect(store.rows.coarse).toBeLessThanOrEqual(20_000);
    const counted = store.ids('sample').reduce((sum, id) => {
      const fromUs = store.fineFromUs('sample', id) ?? 0;
      return sum + store.line('sample', id, 'usageBytes', fromUs, Number.POSITIVE_INFINITY).timesUs.length;
    }, 0);
    expect(counted).toBe(store.rows.fine);
  });

  it('one event with more rows than the bound is kept: it is all there is', () => {
    const store = new SeriesStore({ fineRows: 10 });
    store.apply(
      sampleMemorySample({ cgroups: Array.from({ length: 50 }, (_, n) => sampleCgroupSample({ id: n + 1 })) }),
    );
    expect(store.rows.fine).toBe(50);
  });

  it('a value that has not changed for hours still holds; what grew then is forgotten', () => {
    const store = new SeriesStore({ fineUs: SECOND_US, coarseUs: 60 * SECOND_US });
    store.apply(sampleAt(1, 7 * MIB));
    store.apply(samplePressure({ tUs: 1, node: null }));
    for (let s = 1; s < 600; s++) store.apply(sampleNode({ tUs: s * SECOND_US }));
    expect(store.valueAt('sample', 42, 'usageBytes', 600 * SECOND_US)).toBe(7 * MIB);
    expect(store.ids('pressure')).toEqual([]);
    expect(store.rows.coarse).toBeLessThan(20);
  });

  it('cgroups that come and go leave nothing behind', () => {
    const store = new SeriesStore({ fineUs: SECOND_US, coarseUs: 10 * SECOND_US });
    for (let n = 1; n <= 500; n++) {
      store.apply(sampleCgroupLife({ tUs: n * SECOND_US, id: n, change: 'appeared' }));
      store.apply(sampleAt(n * SECOND_US, MIB, n));
      store.apply(sampleCgroupLife({ tUs: n * SECOND_US, id: n, change: 'vanished' }));
    }
    expect(store.ids('sample').length).toBeLessThan(15);
    expect([1, 500].map((id) => store.bornUs(id))).toEqual([null, 500 * SECOND_US]);
  });
});

describe('growth', () => {
  const lineOf = (values: readonly number[]) => ({
    timesUs: Float64Array.from(values, (_, n) => n * 500_000),
    values: Float64Array.from(values),
  });

  it('of a ramp is its slope, whatever holes it has', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.array(fc.boolean(), { minLength: 4 }), (slope, holes) => {
        const values = holes.map((hole, n) => (hole && n > 1 ? Number.NaN : 7 + slope * n));
        const growth = growthOf(lineOf(values));
        expect(growth?.perSecond).toBeCloseTo(slope * 2, 6);
        expect(growth?.fit).toBeCloseTo(1, 6);
      }),
    );
  });

  it('of one row, or of none, is not known', () => {
    expect(growthOf(lineOf([5]))).toBeNull();
    expect(growthOf(lineOf([Number.NaN, Number.POSITIVE_INFINITY]))).toBeNull();
  });

  it('that goes up and down fits badly', () => {
    expect(growthOf(lineOf([0, 100, 0, 100, 0, 100]))?.fit).toBeLessThan(0.2);
  });
});

describe('a thinned line', () => {
  it('has few rows, in order, and every peak', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e6), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 4, max: 60 }),
        (ys, points) => {
          const line = { timesUs: Float64Array.from(ys, (_, n) => n * 10), values: Float64Array.from(ys) };
          const { timesUs, values } = thinned(line, points);
          expect(timesUs.length).toBeLessThanOrEqual(Math.max(points + 2, 4));
          expect(Math.max(...values)).toBe(Math.max(...ys));
          expect(Math.min(...values)).toBe(Math.min(...ys));
          expect([...timesUs]).toEqual([...timesUs].toSorted((a, b) => a - b));
          expect([...values]).toEqual([...timesUs].map((tUs) => ys[tUs / 10]));
        },
      ),
    );
  });

  it('keeps its holes', () => {
    const timesUs = Float64Array.from({ length: 100 }, (_, n) => n);
    const values = timesUs.map((t) => (t >= 40 && t < 60 ? Number.NaN : t));
    expect(thinned({ timesUs, values }, 20).values.some(Number.isNaN)).toBe(true);
  });
});
