import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, plural } from './units.js';

describe('units', () => {
  it('bytes read as a person says them', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(4096)).toBe('4 KiB');
    expect(formatBytes(100 * 2 ** 20)).toBe('100 MiB');
    expect(formatBytes(1.9 * 2 ** 30)).toBe('1.9 GiB');
    expect(formatBytes(123.4 * 2 ** 20)).toBe('123 MiB');
    expect(formatBytes(-4096)).toBe('−4 KiB');
  });

  it('no amount prints as 1024 of a unit', () => {
    expect(formatBytes(2 ** 20 - 1)).toBe('1.0 MiB');
    expect(formatBytes(1023 * 1024)).toBe('1023 KiB');
  });

  it('durations keep the digits that matter', () => {
    expect(formatDuration(0)).toBe('0 µs');
    expect(formatDuration(850)).toBe('850 µs');
    expect(formatDuration(4_800)).toBe('4.8 ms');
    expect(formatDuration(38_200)).toBe('38 ms');
    expect(formatDuration(2_100_000)).toBe('2.1 s');
    expect(formatDuration(185_000_000)).toBe('3 min 5 s');
    expect(formatDuration(7_260_000_000)).toBe('2 h 1 min');
  });

  it('counts are grouped, signs are kept', () => {
    expect(formatCount(25600)).toBe('25,600');
    expect(formatCount(-1234567)).toBe('−1,234,567');
    expect(formatCount(999)).toBe('999');
    expect(plural(1, 'candidate')).toBe('1 candidate');
    expect(plural(1200, 'candidate')).toBe('1,200 candidates');
  });
});
