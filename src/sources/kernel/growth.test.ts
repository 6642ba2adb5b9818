import { describe, expect, it } from 'vitest';
import { Since } from './growth.js';

describe('growth', () => {
  it('is from one reading to the next, of each thing for itself', () => {
    const since = new Since();
    expect(since.grow(1, 100, { a: 5 })).toBeNull();
    expect(since.grow(2, 150, { a: 50 })).toBeNull();
    expect(since.grow(1, 300, { a: 7 })).toEqual({ spanUs: 200, by: { a: 2 } });
  });

  it('is not known where one of two readings lacks the number', () => {
    const since = new Since();
    since.grow(1, 100, { a: null, b: 1 });
    expect(since.grow(1, 200, { a: 3, b: null })?.by).toEqual({ a: null, b: null });
  });

  it('starts anew where a sum has made room', () => {
    const since = new Since();
    since.grow(1, 100, { a: 50 });
    expect(since.grow(1, 200, { a: 3 })?.by).toEqual({ a: 3 });
  });

  it('of what came after the first look begins at zero; what stood there before does not count', () => {
    const since = new Since();
    since.look(100);
    expect(since.growFromZero(1, 100, { a: 50 })).toEqual({ spanUs: 0, by: { a: 0 } });
    since.look(200);
    expect(since.growFromZero(2, 200, { a: 5 })).toEqual({ spanUs: 100, by: { a: 5 } });
    expect(since.growFromZero(1, 200, { a: 51 })).toEqual({ spanUs: 100, by: { a: 1 } });
  });
});
