import { describe, expect, it } from 'vitest';
import { bar } from './bar.js';

const NONE = { rss: 0, anon: 0, file: 0, shmem: 0, swap: 0, pageTables: 0, adj: 0 };

describe('bar', () => {
  it('shows each part in its place', () => {
    const parts = { ...NONE, anon: 40, file: 20, shmem: 10, swap: 10, pageTables: 10, adj: 10 };
    expect(bar(parts, 100, 10)).toBe('████▓▓▒░▪+');
  });

  it('resident memory of an unknown kind has its own sign', () => {
    expect(bar({ ...NONE, rss: 50, swap: 20 }, 100, 10)).toBe('▬▬▬▬▬░░');
  });

  it('parts too small for a cell still add up to the right length', () => {
    const parts = { ...NONE, anon: 4, file: 4, shmem: 4, swap: 4, pageTables: 4 };
    expect([...bar(parts, 100, 10)]).toHaveLength(2);
  });

  it('an adj that takes points is not drawn, nor one that is not known', () => {
    expect(bar({ ...NONE, anon: 50, adj: -900 }, 100, 10)).toBe('█████');
    expect(bar({ ...NONE, anon: 50, adj: null }, 100, 10)).toBe('█████');
  });
});
