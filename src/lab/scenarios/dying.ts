import { MIB, type Scenario } from './scenario.js';

/** Shorter than the two seconds that the OOM reaper waits before it takes a victim's memory. */
const HOLD_MS = 1_200;

/**
 * A tracer stops the process in its exit, when its memory is still there (PTRACE_EVENT_EXIT comes before exit_mm).
 * The first OOM finds it dying and only marks it; the following ones find a victim that is still there and kill nobody.
 */
export const dying: Scenario = {
  name: 'dying',
  summary: 'A process that was already killed is slow to leave; memory runs out meanwhile.',
  shows: 'The kernel marks the dying one, sends no signal, and waits for it: nobody else dies.',
  expected: 'slow is marked as victim, though SIGKILL came from the scenario; pusher gets its memory and lives.',
  pauseMs: 8_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/dying', { maxBytes: 96 * MIB, swapMaxBytes: 0 });
    const slow = await stage.hog('dying', cgroup, { comm: 'slow', anonBytes: 60 * MIB, holdExitMs: HOLD_MS });
    const pusher = await stage.hog('trigger', cgroup, { comm: 'pusher', wait: true, growBytes: 50 * MIB });
    stage.say('slow is killed and held in its exit; pusher takes the memory that slow still has.');
    slow.kill();
    await slow.until('exit-held');
    pusher.start();
    await pusher.untilOrEnd('grown');
    stage.fact('pusher-lives', pusher.alive);
  },
};
