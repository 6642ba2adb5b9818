import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Candidate } from '../../../src/events/episode.js';
import { rankBallot } from '../../../src/model/ballot.js';
import { MIB, sampleCandidate, sampleEpisode } from '../../../test/support/sample-events.js';
import { type Bar, type BarScale, barOf, barScale } from './ballot-geometry.js';

const TOTAL_PAGES = 1_000_000;

function draw(...candidates: Candidate[]): { scale: BarScale; bars: Bar[] } {
  const ballot = rankBallot(sampleEpisode({ candidates, totalPages: TOTAL_PAGES }));
  const scale = barScale(ballot);
  return { scale, bars: ballot.rows.map((row) => barOf(row, scale)) };
}

const candidate = (over: Partial<Candidate>) => sampleCandidate(over, TOTAL_PAGES);

it('without a negative adj zero is at the left edge and the longest bar fills the width', () => {
  const { scale, bars } = draw(candidate({ pid: 1, rssAnonBytes: 400 * MIB }), candidate({ pid: 2 }));
  expect(scale.zero).toBe(0);
  expect(bars[0]?.points).toBeCloseTo(1);
  expect(bars[1]?.points).toBeLessThan(0.5);
});

it('a negative adj goes to the left of zero, to scale, while there is room', () => {
  const { scale, bars } = draw(candidate({ pid: 1, rssAnonBytes: 4000 * MIB }), candidate({ pid: 2, adj: -100 }));
  const adj = bars[1]?.segments.find((segment) => segment.part === 'adj');
  expect(adj?.broken).toBe(false);
  expect(adj?.left).toBeCloseTo(0);
  expect(adj?.width).toBeCloseTo(100_000 * scale.perPage);
  expect(bars[1]?.points).toBeLessThan(scale.zero);
});

it('a huge negative adj is drawn broken and leaves the others their room', () => {
  const { scale, bars } = draw(candidate({ pid: 1 }), candidate({ pid: 2, adj: -999 }));
  expect(scale.zero).toBeCloseTo(0.3);
  expect(bars[1]?.segments[0]).toMatchObject({ part: 'adj', left: 0, broken: true });
  expect(bars[1]?.points).toBeNull();
  expect(bars[0]?.points).toBeCloseTo(1);
});

it('nothing is added up for who was passed over', () => {
  const { scale, bars } = draw(candidate({ pid: 1 }), candidate({ pid: 2, adj: -1000, status: 'skipped-adj-min' }));
  expect(scale.zero).toBe(0);
  expect(bars[1]?.segments.some((segment) => segment.part === 'adj')).toBe(false);
});

it('no segment leaves the bar, and the segments meet without a gap', () => {
  const memory = fc.nat(1_000_000).map((pages) => pages * 4096);
  const any = fc
    .record({
      rssAnonBytes: memory,
      rssFileBytes: memory,
      swapBytes: memory,
      adj: fc.integer({ min: -1000, max: 1000 }),
    })
    .map((over) => candidate(over));
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (candidates) => {
      for (const { segments } of draw(...candidates).bars) {
        let right = segments[0]?.left ?? 0;
        for (const segment of segments) {
          expect(segment.left).toBeCloseTo(right, 9);
          right = segment.left + segment.width;
        }
        expect(right).toBeLessThanOrEqual(1 + 1e-9);
        expect(segments[0]?.left ?? 0).toBeGreaterThanOrEqual(-1e-9);
      }
    }),
  );
});
