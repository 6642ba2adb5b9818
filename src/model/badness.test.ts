import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleCandidate, sampleEpisode } from '../../test/support/sample-events.js';
import { adjPages, badnessPoints, checkCandidate, pointParts } from './badness.js';

const PAGE = 4096;

describe('badness', () => {
  it('points are rss, swap, page tables and the adj share, in pages', () => {
    const candidate = {
      rssBytes: null,
      rssAnonBytes: 100 * PAGE,
      rssFileBytes: 20 * PAGE,
      rssShmemBytes: 3 * PAGE,
      swapBytes: 50 * PAGE,
      pageTableBytes: 4 * PAGE,
      adj: 300,
    };
    // 25,600 pages of limit: one point of adj is 25 pages.
    expect(badnessPoints(candidate, 25_600, PAGE)).toBe(100 + 20 + 3 + 50 + 4 + 300 * 25);
  });

  it('resident memory that the log does not split counts as much as its parts would', () => {
    const unknown = { rssAnonBytes: null, rssFileBytes: null, rssShmemBytes: null };
    const candidate = { ...sampleCandidate(), ...unknown, rssBytes: 120 * PAGE, swapBytes: 0, pageTableBytes: PAGE };
    expect(pointParts(candidate, null, PAGE)).toMatchObject({ rss: 120, anon: 0, pageTables: 1 });
    expect(badnessPoints(candidate, 25_600, PAGE)).toBe(121);
    // Linux 4.5 and older count shmem as file in the line of the kill.
    expect(pointParts({ ...candidate, rssAnonBytes: 100 * PAGE }, null, PAGE)).toMatchObject({ rss: 20, anon: 100 });
  });

  it('page tables count in whole pages', () => {
    const parts = pointParts({ ...sampleCandidate(), pageTableBytes: 2 * PAGE - 1 }, null, PAGE);
    expect(parts.pageTables).toBe(1);
  });

  it('adj weighs nothing in a cgroup of less than 1,000 pages', () => {
    expect(adjPages(1000, 999)).toBe(0);
    expect(adjPages(-1000, 999)).toBe(0);
    expect(Object.is(adjPages(-1, 999), 0)).toBe(true);
    expect(adjPages(-999, 1_999)).toBe(-999);
  });

  it('the arithmetic equals that of 64-bit integers, up to an unlimited cgroup', () => {
    const pages = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(
        fc.record({
          anon: pages,
          file: pages,
          shmem: pages,
          swap: pages,
          tables: fc.integer({ min: 0, max: 2 ** 40 }),
        }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.oneof(fc.integer({ min: 0, max: 2 ** 34 }), fc.constant(2 ** 51)),
        fc.constantFrom(4096, 16_384, 65_536),
        ({ anon, file, shmem, swap, tables }, adj, totalPages, pageBytes) => {
          const candidate = {
            rssBytes: null,
            rssAnonBytes: anon * pageBytes,
            rssFileBytes: file * pageBytes,
            rssShmemBytes: shmem * pageBytes,
            swapBytes: swap * pageBytes,
            pageTableBytes: tables,
            adj,
          };
          fc.pre(Object.values(candidate).every((value) => value === null || Number.isSafeInteger(value)));
          const kernel =
            BigInt(anon + file + shmem + swap) +
            BigInt(tables) / BigInt(pageBytes) +
            BigInt(adj) * (BigInt(totalPages) / 1000n);
          expect(badnessPoints(candidate, totalPages, pageBytes)).toBe(Number(kernel));
        },
      ),
    );
  });

  it('a candidate whose counters moved is approximate, by that much', () => {
    const episode = sampleEpisode();
    const candidate = sampleCandidate();
    expect(checkCandidate(candidate, episode)).toEqual({ kind: 'exact' });
    expect(checkCandidate({ ...candidate, points: (candidate.points ?? 0) - 7 }, episode)).toEqual({
      kind: 'approximate',
      differencePages: -7,
    });
  });

  it('without points or totalpages nothing is claimed', () => {
    const skipped = sampleCandidate({ status: 'skipped-adj-min' });
    expect(checkCandidate(skipped, sampleEpisode())).toEqual({ kind: 'unchecked' });
    expect(checkCandidate(sampleCandidate(), sampleEpisode({ totalPages: null }))).toEqual({ kind: 'unchecked' });
  });
});
