import { describe, expect, it } from 'vitest';
import { structs } from '../../events/layout.gen.js';
import { lossEvents, unreadableRings } from './loss-events.js';

const told = (words: number[], misses: Record<string, number> = {}) =>
  lossEvents({ words, misses }, 7).map(({ where, count }) => [where, count]);

describe('loss', () => {
  it('is nothing when no counter grew', () => {
    expect(told([0, 0, 0, 0])).toEqual([]);
  });

  it('says which ring had no room', () => {
    expect(told([1, 2, 3, 4, 5, 6])).toEqual([
      ['ring-kills', 1],
      ['ring-ballot', 2],
      ['ring-bulk', 3],
      ['episode-unended', 4],
      ['kernel-map', 5],
      ['episode-without-kill', 6],
    ]);
  });

  it('has a meaning for every counter there is', () => {
    const words = Array.from({ length: structs.loss_counters.bytes / 8 }, () => 1);
    expect(lossEvents({ words, misses: {} }, 7)).toHaveLength(words.length);
  });

  it('adds up the programs that the kernel skipped, and names them', () => {
    const [event] = lossEvents({ words: [0, 0, 0, 0], misses: { fexit_oom_badness: 3, fentry_out_of_memory: 1 } }, 7);
    expect(event).toMatchObject({ topic: '/loss', tUs: 7, where: 'program-missed', count: 4 });
    expect(event?.meaning).toContain('fexit_oom_badness 3');
  });

  it('of a version that nobody can read is told in bytes', () => {
    expect(unreadableRings(64, 9, 7)).toMatchObject({ where: 'undecodable', count: 64 });
  });
});
