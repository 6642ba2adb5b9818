import { availableBytes } from '../stage/node-memory.js';
import { MIB, type Scenario } from './scenario.js';

/** Memory that the node still has when the leak begins: it ends within seconds. */
const LEFT_BYTES = 128 * MIB;

export const node: Scenario = {
  name: 'node',
  summary: 'The whole node runs out of memory: no limit is hit, the kernel looks at every process.',
  shows: 'A node-wide kill hits a batch job with a high oom_score_adj first, then the one that leaks.',
  expected: 'batch dies first, then leaker, once the memory of batch is used up as well.',
  pauseMs: 12_000,
  async play(stage) {
    const jobs = await stage.cgroup('/jobs');
    const services = await stage.cgroup('/services');
    await stage.hog('bystander', jobs, { comm: 'batch', adj: 1000, anonBytes: 48 * MIB });
    const leaker = await stage.hog('leak', services, {
      ...{ comm: 'leaker', adj: 0, locked: true, wait: true },
      anonBytes: Math.max(availableBytes() - LEFT_BYTES, 0),
      // More than there can be: it goes on until it is killed.
      ...{ growBytes: 4096 * MIB, growBytesPerSecond: 200 * MIB },
    });
    stage.say('leaker takes all that the node has, 200 MiB a second.');
    leaker.start();
    await leaker.exited;
  },
};
