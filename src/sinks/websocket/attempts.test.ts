import { expect, it } from 'vitest';
import { Attempts, MAX_ATTEMPTS } from './attempts.js';

function fail(attempts: Attempts, address: string, times: number): void {
  for (let n = 0; n < times; n++) attempts.failed(address);
}

it('an address that gave too many wrong tokens waits, and others do not', () => {
  let nowMs = 0;
  const attempts = new Attempts(() => nowMs);
  fail(attempts, '10.0.0.5', MAX_ATTEMPTS - 1);
  expect(attempts.mustWait('10.0.0.5')).toBe(false);
  fail(attempts, '10.0.0.5', 1000);
  expect([attempts.mustWait('10.0.0.5'), attempts.mustWait('10.0.0.6')]).toEqual([true, false]);
  nowMs = 6_000;
  expect(attempts.mustWait('10.0.0.5')).toBe(false);
  fail(attempts, '10.0.0.5', 1);
  expect(attempts.mustWait('10.0.0.5')).toBe(true);
});

it('all addresses of one IPv6 network are one', () => {
  const attempts = new Attempts(() => 0);
  for (let n = 0; n < MAX_ATTEMPTS; n++) attempts.failed(`2001:db8::${n}`);
  expect(attempts.mustWait('2001:db8:0:0:ffff::1')).toBe(true);
  expect(attempts.mustWait('2001:db8:0:1::1')).toBe(false);
});

it('no more addresses are remembered than there is room for', () => {
  const attempts = new Attempts(() => 0);
  fail(attempts, 'first', MAX_ATTEMPTS);
  for (let n = 0; n < 999; n++) attempts.failed(`10.0.${n >> 8}.${n & 255}`);
  expect(attempts.mustWait('first')).toBe(true);
  attempts.failed('one more');
  expect(attempts.mustWait('first')).toBe(false);
});
