import { describe, expect, it } from 'vitest';
import { KeyframeClock } from './keyframe-clock.js';

function eventsUntilDue(eventBytes: number, stateBytes: number): number {
  const clock = new KeyframeClock();
  clock.written(0, stateBytes);
  let count = 0;
  for (; !clock.isDue(1_000_000); count++) clock.added(eventBytes);
  return count;
}

describe('the state is written again', () => {
  it('at a file’s beginning, and then not before five seconds', () => {
    const clock = new KeyframeClock();
    expect(clock.isDue(0)).toBe(true);
    clock.written(0, 10);
    clock.added(1_000);
    expect(clock.isDue(4_999)).toBe(false);
    expect(clock.isDue(5_000)).toBe(true);
  });

  it('when reading the events since costs as much as reading it: small events cost more than their bytes', () => {
    expect(eventsUntilDue(10_000, 1_000_000)).toBe(100);
    expect(eventsUntilDue(40, 1_000_000)).toBeLessThan(8_000);
  });
});
