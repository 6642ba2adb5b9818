import type { HogOptions } from '../stage/hog.js';
import type { Stage } from '../stage/stage.js';
import { MIB, type Scenario } from './scenario.js';

const LIMIT_BYTES = 40 * MIB;

export const ballots: Scenario = {
  name: 'ballots',
  summary: 'Kills from a seed whose candidates hold still: the same seed makes the same ballots again.',
  shows: 'That what would have happened with another oom_score_adj does happen with it (--adjust FILE).',
  expected: 'one kill in each of /ballot-1, /ballot-2 and so on, and maybe more.',
  pauseMs: 5_000,
  async play(stage) {
    // Swap counts in what adj is scaled by, so that one point of it outweighs what the kernel's counters may be off by.
    await stage.tool('lab-swap', '2G');
    for (let set = 1; set <= stage.options.kills; set++) await playSet(stage, set);
  },
};

async function playSet(stage: Stage, set: number): Promise<void> {
  const candidates = Array.from({ length: stage.random.integer(2, 4) }, (_, n) => randomCandidate(stage, n));
  const changed = stage.options.adjust[String(set)] ?? {};
  const cgroup = await stage.cgroup(`/ballot-${set}`, { maxBytes: LIMIT_BYTES, swapMaxBytes: 'max' });
  const hogs = await Promise.all(
    candidates.map((options) =>
      stage.hog('candidate', cgroup, { ...options, adj: changed[options.comm] ?? options.adj ?? 0 }),
    ),
  );
  const pusher = await stage.hog('trigger', cgroup, {
    ...{ comm: 'pusher', adj: -999, locked: true, wait: true, growBytes: LIMIT_BYTES },
  });
  pusher.start();
  await Promise.race([pusher, ...hogs].map((hog) => hog.exited));
  // One kill is enough: from here on only the scenario ends processes.
  await cgroup.limit({ maxBytes: 'max' });
  await stage.clear();
}

function randomCandidate({ random }: Stage, n: number): HogOptions {
  const edge = random.pick([-1000, -999, 999, 1000]);
  return {
    comm: `cand-${n}`,
    adj: random.chance(0.1) ? edge : random.integer(-3, 3),
    anonBytes: random.integer(64, 1536) * 4096,
    locked: true,
  };
}
