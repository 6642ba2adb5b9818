import { dropCaches, freeOnSecondNode, SECOND_NODE } from '../stage/node-memory.js';
import { MIB, type Scenario } from './scenario.js';

const LEFT_BYTES = 48 * MIB;

export const bound: Scenario = {
  name: 'bound',
  summary: 'Processes that are bound to one memory node use it up; the other node is free.',
  shows: 'A kill by memory policy: no limit is hit, and the machine has memory.',
  expected: 'reader dies: an adj of 900 weighs little, since only the memory of that node counts.',
  pauseMs: 8_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/bound');
    const memory = { locked: true, memoryNode: SECOND_NODE };
    await stage.hog('bystander', cgroup, { comm: 'reader', adj: 900, ...memory, anonBytes: 24 * MIB });
    // A shortage of the whole machine, earlier, has left some there.
    dropCaches();
    const anonBytes = Math.max(freeOnSecondNode() - LEFT_BYTES, 0);
    const writer = await stage.hog('trigger', cgroup, {
      ...{ comm: 'writer', ...memory, wait: true },
      ...{ anonBytes, growBytes: LEFT_BYTES },
    });
    stage.say('writer takes all that the node has left.');
    writer.start();
    await writer.untilOrEnd('grown');
  },
};
