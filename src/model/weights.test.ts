import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate } from '../../test/support/sample-events.js';
import type { Candidate } from '../events/episode.js';
import { memoryPages, pointParts } from './badness.js';
import { select } from './selection.js';
import { firstToDie, weigh } from './weights.js';

const PAGE = 4096;

const statuses = fc.constantFrom<Candidate['status']>('scored', 'scored', 'scored', 'oom-origin', 'skipped-vfork');
const candidate = fc
  .record({
    status: statuses,
    rssAnonBytes: fc.nat(5 * PAGE),
    pageTableBytes: fc.nat(3 * PAGE),
    swapBytes: fc.nat(PAGE),
  })
  .map(({ status, ...memory }) => {
    const scored = sampleCandidate({ ...memory });
    return status === 'scored' ? scored : { ...scored, status, points: null };
  });

describe('weights', () => {
  it('lead to whom the kernel walks to, and to the same pages as the parts', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 8 }), (candidates) => {
        const { points, memoryPages: held } = weigh(candidates, PAGE);
        const selection = select(candidates);
        expect(candidates[firstToDie(points)] ?? null).toBe(selection.kind === 'victim' ? selection.candidate : null);
        expect([...held]).toEqual(candidates.map((each) => memoryPages(pointParts(each, null, PAGE))));
      }),
    );
  });

  it('tell the first victim that is still dying', () => {
    const dying = sampleCandidate({ status: 'dying', points: null });
    expect(weigh([sampleCandidate(), dying, dying], PAGE).dying).toBe(1);
    expect(weigh([sampleCandidate()], PAGE).dying).toBe(-1);
  });

  it('tell who holds more than all others together; file pages are nobody’s own', () => {
    const held = (rssAnonBytes: number, rssFileBytes = 0) => sampleCandidate({ rssAnonBytes, rssFileBytes });
    const small = { ...held(30 * MIB), rssShmemBytes: 0, swapBytes: 0 };
    const large = { ...held(61 * MIB), rssShmemBytes: 0, swapBytes: 0 };
    expect(weigh([small, small, large], PAGE).largest).toBe(2);
    expect(weigh([small, large, small, { ...small, rssAnonBytes: 2 * MIB }], PAGE).largest).toBe(-1);
    expect(weigh([small, { ...small, rssAnonBytes: 0, rssFileBytes: 900 * MIB }], PAGE).largest).toBe(0);
    expect(weigh([], PAGE).largest).toBe(-1);
  });
});
