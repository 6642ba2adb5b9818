import { writeFile } from 'node:fs/promises';
import { MIB, type Scenario } from './scenario.js';

export const sysrq: Scenario = {
  name: 'sysrq',
  summary: 'Someone presses SysRq-F: the kernel kills though memory is free.',
  shows: 'A kill that no lack of memory caused.',
  expected: 'target dies; the trigger is a kernel worker.',
  pauseMs: 8_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/sysrq');
    const target = await stage.hog('target', cgroup, { comm: 'target', adj: 900, anonBytes: 64 * MIB });
    stage.say('SysRq-F.');
    await writeFile('/proc/sysrq-trigger', 'f');
    await target.exited;
  },
};
