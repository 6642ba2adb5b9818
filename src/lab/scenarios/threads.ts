import { MIB, type Scenario } from './scenario.js';

export const threads: Scenario = {
  name: 'threads',
  summary: 'Processes with many threads run out of memory in a thread that is not the first.',
  shows: 'The trigger is a thread; the victim is its process, also when its first thread has ended.',
  expected: 'pool dies by its own thread; then orphan, whose leader ended before.',
  pauseMs: 8_000,
  async play(stage) {
    for (const { comm, leaderExits } of [
      { comm: 'pool', leaderExits: false },
      { comm: 'orphan', leaderExits: true },
    ]) {
      const cgroup = await stage.cgroup(`/threads-${comm}`, { maxBytes: 48 * MIB, swapMaxBytes: 0 });
      const hog = await stage.hog('victim', cgroup, {
        ...{ comm, threads: 8, anonBytes: 16 * MIB, wait: true, growBytes: 64 * MIB },
        ...{ workInThread: true, leaderExits },
      });
      stage.say(`a thread of ${comm} takes 64 MiB; the limit is 48 MiB.`);
      hog.start();
      await hog.exited;
    }
  },
};
