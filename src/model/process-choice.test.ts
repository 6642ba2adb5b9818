import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleCgroup } from '../../test/support/sample-events.js';
import type { Candidate } from '../events/episode.js';
import { chooseProcesses, MAX_PROCESSES } from './process-choice.js';
import type { RankInput } from './rank.js';

const task = (pid: number, cgroup: number, over: Partial<Candidate> = {}) =>
  sampleCandidate({ pid, cgroupId: cgroup, cgroupPath: `/pods/c${cgroup}`, rssAnonBytes: MIB, points: null, ...over });
const limit = (id: number, usageBytes: number) =>
  sampleCgroup({ id, path: `/pods/c${id}`, usageBytes, maxBytes: 100 * MIB, swapMaxBytes: 0 });

function input(tasks: readonly Candidate[], limits: RankInput['cgroups'] = []): RankInput {
  return { tasks, cgroups: limits, pageSizeBytes: 4096, ramBytes: 2 ** 40, swapTotalBytes: 0, swappiness: 60 };
}

const pids = (processes: readonly Candidate[]) => processes.map(({ pid }) => pid);

describe('the processes that are told', () => {
  it('are those that hold most, and those that would die first though they hold little', () => {
    const small = Array.from({ length: 400 }, (_, n) => task(1000 + n, 9));
    const big = task(1, 9, { rssAnonBytes: 900 * MIB, adj: -900 });
    const exposed = task(2, 9, { adj: 1000 });
    const chosen = pids(chooseProcesses(input([big, exposed, ...small])).processes);
    expect(chosen).toContain(1);
    expect(chosen).toContain(2);
    expect(chosen.length).toBeLessThanOrEqual(MAX_PROCESSES);
  });

  it('hold the next victim of a limit that is far below the largest on the node', () => {
    const others = Array.from({ length: 400 }, (_, n) => task(1000 + n, 8, { rssAnonBytes: 50 * MIB }));
    const inside = [task(1, 7, { rssAnonBytes: 2 * MIB }), task(2, 7), task(3, 7), task(4, 7)];
    const { processes, ranked, limitsSeen } = chooseProcesses(input([...inside, ...others], [limit(7, 5 * MIB)]));
    expect(pids(processes).filter((pid) => pid < 10)).toEqual([1, 4, 3]);
    expect(ranked.map(({ id }) => id)).toEqual([7]);
    expect(limitsSeen).toBe(1);
  });

  it('are bounded: the fullest limits are ranked, and how many there are is told', () => {
    const limits = Array.from({ length: 200 }, (_, n) => limit(n + 1, n * MIB));
    const tasks = limits.flatMap(({ id }) => [0, 1, 2].map((n) => task(Number(id) * 10 + n, Number(id))));
    const { processes, ranked, limitsSeen } = chooseProcesses(input(tasks, limits));
    expect(processes.length).toBeLessThanOrEqual(MAX_PROCESSES);
    expect(limitsSeen).toBe(200);
    expect(ranked.length).toBeLessThan(200);
    expect(ranked[0]?.id).toBe(200);
  });

  it('never leave out one that is still dying of an earlier kill: nobody new would be killed', () => {
    const small = Array.from({ length: 400 }, (_, n) => task(1000 + n, 9, { rssAnonBytes: 9 * MIB }));
    const dying = task(3, 9, { status: 'dying', rssAnonBytes: 0 });
    expect(pids(chooseProcesses(input([...small, dying])).processes)).toContain(3);
  });
});
