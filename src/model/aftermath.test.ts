import { describe, expect, it } from 'vitest';
import { MIB, sampleVictim } from '../../test/support/sample-events.js';
import { aftermathOf } from './aftermath.js';

const mark = sampleVictim();
const exit = sampleVictim({ step: 'exited', tUs: mark.tUs + 38_000 });

describe('aftermath', () => {
  it('a victim that is gone has freed what it held alone', () => {
    expect(aftermathOf({ tid: 812, steps: [mark, exit] })).toMatchObject({
      dyingUs: 38_000,
      // Anonymous memory and page tables; the file pages stay in the cache.
      freedBytes: 80 * MIB + 200 * 1024,
      memorySharedBy: 0,
      reapedUs: null,
    });
  });

  it('memory that a thread of the victim is still giving back counts as freed', () => {
    const early = { ...exit, memory: mark.memory, memorySharedBy: 0 };
    expect(aftermathOf({ tid: 812, steps: [mark, early] })).toMatchObject({ freedBytes: 80 * MIB + 200 * 1024 });
  });

  it('memory that another process shares is not free', () => {
    const shared = { ...exit, memory: mark.memory, memorySharedBy: 1 };
    expect(aftermathOf({ tid: 812, steps: [mark, shared] })).toMatchObject({ freedBytes: 0, memorySharedBy: 1 });
  });

  it('what was not seen is not guessed', () => {
    expect(aftermathOf({ tid: 812, steps: [exit] })).toMatchObject({ markedUs: null, dyingUs: null, freedBytes: null });
    expect(aftermathOf({ tid: 812, steps: [mark] })).toMatchObject({ exitedUs: null, freedBytes: null });
  });
});
