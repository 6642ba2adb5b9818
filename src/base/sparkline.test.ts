import { expect, it } from 'vitest';
import { sparkline } from './sparkline.js';

it('a sparkline has a cell for each value: empty, growing, full, and a blank where nothing is known', () => {
  expect(sparkline([0, 25, 50, 100, null, 150], 100)).toBe('▁▃▅█ █');
  expect(sparkline([0, 0], 0)).toBe('▁▁');
  expect(sparkline([], 5)).toBe('');
});
