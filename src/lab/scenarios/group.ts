import { MIB, type Scenario } from './scenario.js';

export const group: Scenario = {
  name: 'group',
  summary: 'One process of a job runs out of memory; memory.oom.group takes all of them.',
  shows: 'A group kill has one chosen process and several victims.',
  expected: 'grower, helper and leader of /batch/job die together; neighbour lives.',
  pauseMs: 8_000,
  async play(stage) {
    await stage.cgroup('/batch');
    const job = await stage.cgroup('/batch/job', { maxBytes: 64 * MIB, swapMaxBytes: 0, oomGroup: true });
    const other = await stage.cgroup('/batch/other');
    await stage.hog('neighbour', other, { comm: 'neighbour', anonBytes: 8 * MIB });
    const members = [
      await stage.hog('member', job, { comm: 'leader', anonBytes: 4 * MIB }),
      await stage.hog('member', job, { comm: 'helper', anonBytes: 8 * MIB, threads: 2 }),
      await stage.hog('member', job, { comm: 'grower', anonBytes: 16 * MIB, wait: true, growBytes: 64 * MIB }),
    ];
    stage.say('grower takes 64 MiB more than the job of three may have.');
    members.at(-1)?.start();
    await Promise.all(members.map((member) => member.exited));
  },
};
