import { describe, expect, it } from 'vitest';
import { inside, panned, SHORTEST_MS, viewOf, visibleSpan, zoomed } from './span.js';

const extent = { fromMs: 0, toMs: 100_000 };
const span = { fromMs: 40_000, toMs: 60_000 };

describe('the stretch of time that is shown', () => {
  it('is zoomed around the moment below the pointer', () => {
    expect(zoomed(span, 0.5, 45_000, extent)).toEqual({ fromMs: 42_500, toMs: 52_500 });
  });

  it('never leaves what there is', () => {
    expect(panned(span, 1e9, extent)).toEqual({ fromMs: 80_000, toMs: 100_000 });
    expect(panned(span, -1e9, extent)).toEqual({ fromMs: 0, toMs: 20_000 });
    expect(zoomed(span, 100, 50_000, extent)).toEqual(extent);
    expect(inside({ fromMs: -5, toMs: 5 }, extent)).toEqual({ fromMs: 0, toMs: 10 });
  });

  it('does not get so short that nothing is in it', () => {
    const { fromMs, toMs } = zoomed(span, 1e-9, 50_000, extent);
    expect(toMs - fromMs).toBeCloseTo(SHORTEST_MS, 6);
  });

  it('follows the newest moment when it reaches it, and stays where it is otherwise', () => {
    const following = viewOf({ fromMs: 90_000, toMs: 100_000 }, extent);
    const later = { fromMs: 0, toMs: 130_000 };
    expect(visibleSpan(following, later)).toEqual({ fromMs: 120_000, toMs: 130_000 });
    expect(visibleSpan(viewOf(span, extent), later)).toEqual(span);
  });
});
