import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { flightLimits } from './live-options.js';
import { parseSpanUs } from './option-values.js';

describe('--flight', () => {
  it('is a time with a unit', () => {
    expect(['90s', '5m', '2min', '1h'].map(parseSpanUs)).toEqual([90e6, 300e6, 120e6, 3600e6]);
    for (const text of ['', '5', '0s', '-1s', '1.5h', '3d', '5 m', '9999999s']) {
      expect(() => parseSpanUs(text)).toThrow(InvalidArgumentError);
    }
  });

  it('has two minutes in 64 MiB unless told otherwise, and refuses too little memory to be of use', () => {
    expect(flightLimits({})).toEqual({ ageUs: 120e6, bytes: 64 * 2 ** 20 });
    expect(flightLimits({ flight: 5e6, flightMemory: 2 ** 20 })).toEqual({ ageUs: 5e6, bytes: 2 ** 20 });
    expect(() => flightLimits({ flightMemory: 1000 })).toThrow(/holds nothing of use/);
  });
});
