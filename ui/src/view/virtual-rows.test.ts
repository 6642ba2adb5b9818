import { expect, it } from 'vitest';
import { nextIndex } from './virtual-rows.js';

it('keys lead to a row that is there', () => {
  const lead = (key: string, selected: number) => nextIndex(key, selected, 10, 4);
  expect(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => lead(key, 5))).toEqual([
    6, 4, 9, 1, 0, 9,
  ]);
  expect(lead('ArrowUp', 0)).toBe(0);
  expect(lead('ArrowDown', 9)).toBe(9);
  expect(lead('ArrowDown', -1)).toBe(0);
  expect(lead('a', 5)).toBeNull();
  expect(nextIndex('End', -1, 0, 4)).toBeNull();
});
