import { describe, expect, it } from 'vitest';
import { gapOf } from './gap.js';

const MINUTE_US = 60_000_000;

describe('the gap without a reader', () => {
  it('lasts from the last beat until now', () => {
    expect(gapOf(5_000, 10 * MINUTE_US, 1_000, 9_000)).toEqual({ fromUs: 5_000, toUs: 9_000, pausedFromUs: null });
  });

  it('lasts from the loading when the reader died before its first beat', () => {
    expect(gapOf(0, 0, 1_000, 9_000)).toEqual({ fromUs: 1_000, toUs: 9_000, pausedFromUs: null });
  });

  it('is unrecorded from the moment at which the programs paused', () => {
    const gap = gapOf(5_000, 10 * MINUTE_US, 1_000, 5_000 + 60 * MINUTE_US);
    expect(gap.pausedFromUs).toBe(5_000 + 10 * MINUTE_US);
  });
});
