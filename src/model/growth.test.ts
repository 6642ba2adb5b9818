import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { point, track } from '../../test/support/memory-tracks.js';
import { MIB } from '../../test/support/sample-events.js';
import { growthIn, rampStartUs } from './growth.js';

const S = 1_000_000;

describe('the window', () => {
  it('begins where the rise begins, not where the record begins', () => {
    // A minute at 100 MiB, with noise, then 10 MiB a second.
    const flat = Array.from({ length: 60 }, (_, s) => point(s * S, { anonBytes: (100 + (s % 3)) * MIB }));
    const rise = Array.from({ length: 30 }, (_, s) => point((60 + s) * S, { anonBytes: (103 + s * 10) * MIB }));
    const start = rampStartUs(track('/app', [...flat, ...rise]), 100 * S) ?? 0;
    expect(start).toBeGreaterThanOrEqual(57 * S);
    expect(start).toBeLessThanOrEqual(62 * S);
  });

  it('of a leak that is as long as the record it is the record', () => {
    const leak = Array.from({ length: 100 }, (_, s) => point(s * S, { anonBytes: s * MIB }));
    expect(rampStartUs(track('/app', leak), 100 * S)).toBeLessThanOrEqual(5 * S);
  });

  it('begins after the last fall: what an earlier kill freed does not count', () => {
    const saw = [0, 300, 600, 900, 50, 330, 620, 900].map((mib, s) => point(s * S, { anonBytes: mib * MIB }));
    expect(rampStartUs(track('/app', saw.slice(1)), 10 * S)).toBe(4 * S);
  });

  it('does not look past the kill, and knows nothing from one point', () => {
    const points = [1, 5, 900].map((mib, s) => point(s * S, { anonBytes: mib * MIB }));
    expect(rampStartUs(track('/app', points), 1.5 * S)).toBe(0);
    expect(rampStartUs(track('/app', points.slice(0, 1)), 5 * S)).toBeNull();
  });

  it('leaves out what a process takes at its start, and the rest before it leaks', () => {
    // 160 MiB within a second, two seconds of nothing, then 50 MiB a second.
    const begin = [0, 0, 0, 160, 160, 160].map((mib, s) => point(s * S, { anonBytes: mib * MIB }));
    const leak = Array.from({ length: 60 }, (_, n) => point((6 + n / 10) * S, { anonBytes: (160 + n * 5) * MIB }));
    const line = track('/app', [...begin, ...leak]);
    const start = rampStartUs(line, 12 * S) ?? 0;
    expect(start).toBeGreaterThanOrEqual(5 * S);
    expect(start).toBeLessThanOrEqual(6.2 * S);
  });

  it('leaves out what came before a standstill, however crooked a busy machine makes the rise after it', () => {
    const levels = [10, 90, 160, 160, 161, 160, 160, 160, 190, 240, 400, 420, 471];
    const line = track(
      '/app',
      levels.map((mib, second) => point(second * S, { anonBytes: mib * MIB })),
    );
    const start = rampStartUs(line, 12 * S) ?? 0;
    expect(growthIn(line, start, 12 * S)?.unreclaimableBytes).toBe(311 * MIB);
  });

  it('holds all of a leak, wherever between two calm samples it began', () => {
    fc.assert(
      fc.property(
        fc.record({
          // Of a second: how long after a sample the leak began.
          phase: fc.double({ min: 0, max: 0.999, noNaN: true }),
          flatSeconds: fc.integer({ min: 2, max: 60 }),
          leakSeconds: fc.double({ min: 3, max: 120, noNaN: true }),
          mibPerSecond: fc.integer({ min: 5, max: 400 }),
          heapMib: fc.integer({ min: 0, max: 400 }),
        }),
        ({ phase, flatSeconds, leakSeconds, mibPerSecond, heapMib }) => {
          const onset = flatSeconds + phase;
          const end = onset + leakSeconds;
          const mibAt = (s: number) => heapMib + Math.max(0, s - onset) * mibPerSecond;
          // A sample a second, ten of them in the last one, and the moment of the kill.
          const calm = Array.from({ length: Math.floor(end - 1) }, (_, n) => n + 1);
          const hot = Array.from({ length: 9 }, (_, n) => end - 0.9 + n / 10);
          const points = [0, ...calm, ...hot, end].map((s) => point(s * S, { anonBytes: Math.round(mibAt(s) * MIB) }));
          const line = track('/app', points);
          const growth = growthIn(line, rampStartUs(line, end * S) ?? 0, end * S);
          const leaked = leakSeconds * mibPerSecond;
          expect(Math.abs((growth?.unreclaimableBytes ?? 0) / MIB - leaked)).toBeLessThan(leaked * 0.05);
          expect(Math.abs((growth?.fromUs ?? 0) / S - onset)).toBeLessThan(Math.max(0.1, leakSeconds * 0.15));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of a rise that is faster and faster holds at least half', () => {
    const curve = Array.from({ length: 100 }, (_, n) => point(n * S, { anonBytes: 1.08 ** n * MIB }));
    const start = rampStartUs(track('/app', curve), 100 * S) ?? 0;
    expect(start).toBeLessThan(92 * S);
  });

  it('holds at least half of the rise, whatever the curve', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 2, maxLength: 50 }), (values) => {
        const points = values.map((mib, s) => point(s, { anonBytes: mib * MIB }));
        const line = track('/app', points);
        const start = rampStartUs(line, values.length);
        const rise = (values.at(-1) ?? 0) - Math.min(...values);
        const growth = start === null ? null : growthIn(line, start, values.length);
        expect((growth?.unreclaimableBytes ?? 0) / MIB).toBeGreaterThanOrEqual(rise * 0.48);
      }),
    );
  });
});

describe('growth', () => {
  it('swap counts, so that memory which moves there has not gone', () => {
    const line = track('/app', [
      point(0, { anonBytes: 50 * MIB }),
      point(S, { anonBytes: 20 * MIB, swapBytes: 40 * MIB }),
    ]);
    expect(growthIn(line, 0, S)).toMatchObject({ unreclaimableBytes: 10 * MIB, kind: 'anon' });
  });

  it('page cache is no growth of what cannot be reclaimed, and shmem is', () => {
    const cache = track('/app', [point(0), point(S, { fileBytes: 500 * MIB, anonBytes: MIB })]);
    expect(growthIn(cache, 0, S)).toMatchObject({ unreclaimableBytes: MIB, kind: 'file' });
    const tmpfs = track('/app', [point(0), point(S, { shmemBytes: 500 * MIB })]);
    expect(growthIn(tmpfs, 0, S)).toMatchObject({ unreclaimableBytes: 500 * MIB, kind: 'shmem' });
  });

  it('a cgroup that came inside the window grew from nothing; one that was merely not seen before did not', () => {
    const points = [point(5 * S, { anonBytes: 100 * MIB }), point(9 * S, { anonBytes: 150 * MIB })];
    expect(growthIn({ ...track('/new', points), appearedUs: 5 * S }, 0, 10 * S)?.unreclaimableBytes).toBe(150 * MIB);
    expect(growthIn(track('/seen-late', points), 0, 10 * S)?.unreclaimableBytes).toBe(50 * MIB);
  });

  it('where the parts are not known the usage is all there is, and no kind is claimed', () => {
    const unknown = { anonBytes: null, fileBytes: null, shmemBytes: null, kernelBytes: null, swapBytes: null };
    const line = track('/v', [
      point(0, { ...unknown, usageBytes: MIB }),
      point(S, { ...unknown, usageBytes: 9 * MIB }),
    ]);
    expect(growthIn(line, 0, S)).toMatchObject({ unreclaimableBytes: 8 * MIB, byKind: null, kind: null });
  });
});
