import { MIB, type Scenario } from './scenario.js';

const SLEEPERS = 50;
const READERS = 2;

export const ghosts: Scenario = {
  name: 'ghosts',
  summary: 'Kills, while others read /proc/*/oom_score without end.',
  shows: 'Reading a score runs the same code as scoring: those reads must not appear as candidates.',
  expected: 'every hog dies; the only candidates are those of /ghosts.',
  pauseMs: 10_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/ghosts', { swapMaxBytes: 0 });
    await stage.sleepers(cgroup, SLEEPERS);
    await cgroup.limit({ maxBytes: (await cgroup.usageBytes()) + 8 * MIB });
    for (let n = 0; n < READERS; n++) {
      stage.helper('sh', ['-c', 'while :; do cat /proc/[0-9]*/oom_score; done > /dev/null 2>&1']);
    }
    stage.say(`${stage.options.kills} kills, while ${READERS} loops read every oom_score.`);
    for (let n = 0; n < stage.options.kills; n++) {
      await (await stage.hog('victim', cgroup, { comm: 'ghosthog', anonBytes: 32 * MIB })).exited;
    }
  },
};
