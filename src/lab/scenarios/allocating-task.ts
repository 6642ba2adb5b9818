import { writeFile } from 'node:fs/promises';
import { availableBytes } from '../stage/memory-cgroup.js';
import { MIB, type Scenario } from './scenario.js';

const SWITCH = '/proc/sys/vm/oom_kill_allocating_task';
const LEFT_BYTES = 96 * MIB;

export const allocatingTask: Scenario = {
  name: 'allocating-task',
  summary: 'The node runs out of memory with vm.oom_kill_allocating_task=1.',
  shows: 'Nobody is scored: whoever asked for the last page dies.',
  expected: 'asker dies, though holder has nearly all memory.',
  memoryMib: 1024,
  pauseMs: 12_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/allocating');
    const anonBytes = Math.max(availableBytes() - LEFT_BYTES, 0);
    await stage.hog('holder', cgroup, { comm: 'holder', locked: true, anonBytes });
    const asker = await stage.hog('asker', cgroup, { comm: 'asker', locked: true, wait: true, growBytes: 4096 * MIB });
    await writeFile(SWITCH, '1');
    try {
      stage.say('asker takes what holder has left.');
      asker.start();
      await asker.exited;
    } finally {
      await writeFile(SWITCH, '0');
    }
  },
};
