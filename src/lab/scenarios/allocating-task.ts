import { writeFile } from 'node:fs/promises';
import { freeOnSecondNode, SECOND_NODE } from '../stage/node-memory.js';
import { MIB, type Scenario } from './scenario.js';

const SWITCH = '/proc/sys/vm/oom_kill_allocating_task';
const LEFT_BYTES = 48 * MIB;

/**
 * On the guest's second memory node, where nobody else asks for memory: on the whole machine anyone might be the one
 * that asks for the last page.
 */
export const allocatingTask: Scenario = {
  name: 'allocating-task',
  summary: 'A memory node is used up with vm.oom_kill_allocating_task=1.',
  shows: 'Nobody is scored: whoever asked for the last page dies.',
  expected: 'asker dies, though holder has nearly all of the memory.',
  pauseMs: 8_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/allocating');
    const bound = { locked: true, memoryNode: SECOND_NODE };
    const anonBytes = Math.max(freeOnSecondNode() - LEFT_BYTES, 0);
    await stage.hog('holder', cgroup, { comm: 'holder', ...bound, anonBytes });
    const asker = await stage.hog('asker', cgroup, { comm: 'asker', ...bound, wait: true, growBytes: 1024 * MIB });
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
