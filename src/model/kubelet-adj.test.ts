import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIB } from '../../test/support/sample-events.js';
import { burstableAdj, requestForAdj } from './kubelet-adj.js';

const GIB = 1024 * MIB;

describe('the adj of a burstable container', () => {
  it('falls with what is requested, between 999 and 3', () => {
    expect(burstableAdj(0, 32 * GIB)).toBe(999);
    expect(burstableAdj(1, 32 * GIB)).toBe(999);
    expect(burstableAdj(8 * GIB, 32 * GIB)).toBe(750);
    expect(burstableAdj(32 * GIB, 32 * GIB)).toBe(3);
  });

  it('the smallest request for an adj is enough, and a byte less is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 998 }), fc.integer({ min: 1, max: 2 ** 42 }), (adj, nodeBytes) => {
        const request = requestForAdj(adj, nodeBytes) ?? 0;
        expect(burstableAdj(request, nodeBytes)).toBeLessThanOrEqual(adj);
        if (nodeBytes > 1_000_000) expect(burstableAdj(request - 1, nodeBytes)).toBeGreaterThan(adj);
      }),
    );
    expect(requestForAdj(2, GIB)).toBeNull();
  });
});
