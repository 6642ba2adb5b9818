import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleChoice, sampleEpisode, sampleVictim } from '../../test/support/sample-events.js';
import { effectOf, repeatsOf } from './effect.js';
import type { Incident } from './model.js';

const NOTHING = { rssBytes: null, rssAnonBytes: 0, rssFileBytes: 0, rssShmemBytes: 0, swapBytes: 0, pageTableBytes: 0 };
const incident = (over: Partial<Incident> = {}): Incident => ({
  id: '1',
  startUs: 1,
  episode: sampleEpisode(),
  victims: [],
  ...over,
});
const victim = (memory: Partial<typeof NOTHING>, memorySharedBy = 0) => ({
  tid: 812,
  steps: [
    sampleVictim({ memory: { ...NOTHING, ...memory } }),
    sampleVictim({ step: 'exited', memory: memorySharedBy > 0 ? { ...NOTHING, ...memory } : NOTHING, memorySharedBy }),
  ],
});

describe('what a kill brought', () => {
  it('anonymous memory comes back', () => {
    expect(effectOf(incident({ victims: [victim({ rssAnonBytes: 90 * MIB, rssFileBytes: 10 * MIB })] }))).toMatchObject(
      {
        promisedBytes: 100 * MIB,
        freedBytes: 90 * MIB,
        outcome: 'freed',
      },
    );
  });

  it('a victim that held only shared memory died for nothing', () => {
    const held = victim({ rssAnonBytes: 1 * MIB, rssShmemBytes: 99 * MIB });
    expect(effectOf(incident({ victims: [held] }))).toMatchObject({ outcome: 'futile', shmemBytes: 99 * MIB });
  });

  it('memory that another process holds as well does not come back', () => {
    expect(effectOf(incident({ victims: [victim({ rssAnonBytes: 90 * MIB }, 2)] }))).toMatchObject({
      outcome: 'futile',
      sharedBy: 2,
    });
  });

  it('half of a group that died is not told as the whole', () => {
    const unseen = { tid: 5, steps: [sampleVictim({ tid: 5 })] };
    expect(effectOf(incident({ victims: [victim({ rssAnonBytes: MIB }), unseen] })).outcome).toBeNull();
    expect(effectOf(incident())).toMatchObject({ promisedBytes: null, freedBytes: null, outcome: null });
  });
});

describe('the same victim again', () => {
  const killed = (startUs: number, comm: string, cgroupPath: string) => {
    const candidate = sampleCandidate({ comm, cgroupPath });
    return incident({ startUs, episode: sampleEpisode({ choice: sampleChoice(candidate) }) });
  };

  it('a container that was started again is the same victim in another cgroup of its pod', () => {
    const first = killed(1, 'vector', '/kubepods/pod1/aaa');
    const second = killed(2, 'vector', '/kubepods/pod1/bbb');
    const other = killed(3, 'vector', '/kubepods/pod2/ccc');
    expect(repeatsOf(second, [first, second, other])).toEqual([1, 2]);
    expect(repeatsOf(first, [first, second, other])).toEqual([1]);
  });

  it('another process of the same cgroup is another victim', () => {
    const first = killed(1, 'vector', '/app');
    expect(repeatsOf(killed(2, 'agent', '/app'), [first])).toEqual([]);
  });
});
