import { describe, expect, it } from 'vitest';
import { type Address, formatAddress, parseAddress } from './address.js';

describe('the address', () => {
  it('brings back the view that it was made of', () => {
    const address: Address = {
      incident: '0f0e-11/1090000000',
      candidate: 4711,
      span: { fromMs: 1_700_000_000_000, toMs: 1_700_000_060_500 },
      order: 'growth',
      search: 'job & <b>50%</b>',
    };
    expect(parseAddress(`#${formatAddress(address)}`)).toEqual(address);
  });

  it('of the ordinary view is empty', () => {
    expect(formatAddress(parseAddress(''))).toBe('');
  });

  it('that makes no sense is as if it were not there', () => {
    const { span, candidate } = parseAddress('#from=9&to=3&candidate=1e99&%E0%A4%A');
    expect([span, candidate]).toEqual([null, null]);
    expect(parseAddress('#from=-5&to=NaN').span).toBeNull();
  });
});
