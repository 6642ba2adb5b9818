import { MIB, type Scenario } from './scenario.js';

const SLEEPERS = 40;
/** Shorter than the two seconds that the OOM reaper waits before it takes a victim's memory. */
const HOLD_MS = 1_200;

/**
 * The victim stops in its exit, when its memory is still there. Each allocation of the pusher begins an episode that
 * weighs the sleepers, finds the victim and kills nobody, hundreds of times in the lab.
 */
export const stuck: Scenario = {
  name: 'stuck',
  summary: 'A victim of the kernel is slow to leave; memory goes on running out meanwhile.',
  shows: 'Hundreds of episodes that wait for the victim and kill nobody, and then another kill.',
  expected: 'stuck dies; when it has left at last the pusher gets its memory, wants still more, and dies as well.',
  pauseMs: 8_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/stuck', { swapMaxBytes: 0 });
    await stage.sleepers(cgroup, SLEEPERS);
    await stage.hog('victim', cgroup, { comm: 'stuck', anonBytes: 60 * MIB, holdExitMs: HOLD_MS });
    const pusher = await stage.hog('trigger', cgroup, { comm: 'pusher', wait: true, growBytes: 160 * MIB });
    await cgroup.limit({ maxBytes: (await cgroup.usageBytes()) + 30 * MIB });
    stage.say('pusher takes 160 MiB, where 30 are free: stuck is killed first, and held in its exit.');
    pusher.start();
    await pusher.untilOrEnd('grown');
    stage.fact('pusher-lives', pusher.alive);
  },
};
