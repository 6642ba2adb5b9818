import { rm } from 'node:fs/promises';
import type { Hog, HogOptions } from '../stage/hog.js';
import type { MemoryCgroup } from '../stage/memory-cgroup.js';
import type { Stage } from '../stage/stage.js';
import { MIB, type Scenario } from './scenario.js';

const MAX_DEPTH = 3;
/** Never unkillable, or a round could end with nobody left to kill and an allocation that is tried again for ever. */
const PUSHER_ADJ_MIN = -999;
const SETTLE_MS = 60_000;

export const random: Scenario = {
  name: 'random',
  summary: 'Kills from a seed: any adj, anonymous, file and shared memory, swap, threads, nested limits.',
  shows: 'That the score can be computed from what was recorded, whatever the processes look like.',
  expected: 'as many kills as asked for, and a few more.',
  pauseMs: 5_000,
  async play(stage) {
    await stage.tool('lab-disk');
    await stage.tool('lab-swap', '2G');
    const wanted = stage.kills + stage.options.kills;
    for (let set = 1; stage.kills < wanted; set++) await playSet(stage, set);
  },
};

/** One set of candidates in a tree of cgroups, and someone who takes more than one of the tree's limits allows. */
async function playSet(stage: Stage, set: number): Promise<void> {
  const { random } = stage;
  const { all, leaves } = await makeTree(stage, `/random-${set}`);
  const limited = random.pick(asList(all));
  const inside = leaves.filter((cgroup) => `${cgroup.path}/`.startsWith(`${limited.path}/`));
  const candidates: Hog[] = [];
  const files: string[] = [];
  const count = random.integer(3, 8);
  for (let n = 0; n < count; n++) {
    // Some stand beside the limit: they are no candidates.
    const cgroup = random.pick(asList(random.chance(0.8) ? inside : leaves));
    const filePath = `/lab/disk/set-${set}-${n}`;
    files.push(filePath);
    candidates.push(await stage.hog('candidate', cgroup, randomCandidate(stage, n, filePath)));
  }
  const usedBytes = await limited.usageBytes();
  const heldBytes = candidates.reduce(
    (sum, { options }) => sum + (options.anonBytes ?? 0) + (options.shmemBytes ?? 0),
    0,
  );
  const slackBytes = random.integer(1, 3) * MIB;
  const swapMaxBytes = random.chance(0.5) ? 0 : random.integer(1, 6) * MIB;
  await limited.limit({ swapMaxBytes });

  if (random.chance(0.15)) {
    stage.fact('limit', { path: limited.path, set, how: 'lowered' });
    // Whoever lowers a limit below what is used is the trigger, from outside.
    await limited.limit({ maxBytes: Math.max(Math.floor(usedBytes / 2), MIB) });
  } else {
    stage.fact('limit', { path: limited.path, set, how: 'pushed' });
    await limited.limit({ maxBytes: usedBytes + slackBytes });
    const pusher = await stage.hog('trigger', random.pick(asList(inside)), {
      ...{
        comm: `push-${set}`,
        adj: random.chance(0.7) ? random.integer(PUSHER_ADJ_MIN, -500) : random.integer(PUSHER_ADJ_MIN, 1000),
      },
      ...{
        wait: true,
        growBytes: slackBytes + Math.floor(heldBytes * 0.6) + 4 * MIB,
        workInThread: random.chance(0.3),
      },
    });
    pusher.start();
    await withDeadline(pusher.untilOrEnd('grown'), SETTLE_MS, `set ${set} neither grew nor died`);
  }
  // Nothing more is asked for: from here on only the scenario ends processes.
  await limited.limit({ maxBytes: 'max' });
  await stage.clear();
  await Promise.all(files.map((path) => rm(path, { force: true })));
}

interface Tree {
  readonly all: readonly MemoryCgroup[];
  /** Those that may hold processes: cgroup v2 has them nowhere else. */
  readonly leaves: readonly MemoryCgroup[];
}

/** Nested cgroups, each level with a leaf or two. */
async function makeTree(stage: Stage, top: string): Promise<Tree> {
  const inner = [await stage.cgroup(top)];
  const leaves: MemoryCgroup[] = [];
  let path = top;
  const depth = stage.random.integer(0, MAX_DEPTH);
  for (let level = 0; level < depth; level++) {
    if (stage.random.chance(0.5)) leaves.push(await stage.cgroup(`${path}/side`));
    path = `${path}/inner`;
    inner.push(await stage.cgroup(path));
  }
  // The innermost one has no children.
  leaves.push(...inner.slice(-1));
  return { all: [...inner.slice(0, -1), ...leaves], leaves };
}

function randomCandidate(stage: Stage, n: number, filePath: string): HogOptions {
  const { random } = stage;
  const anonBytes = random.integer(0, 1536) * 4096;
  const edge = random.pick([-1000, -999, -1, 0, 1, 999, 1000]);
  return {
    comm: `cand-${n}`,
    adj: random.chance(0.15) ? edge : random.integer(-1000, 1000),
    anonBytes,
    ...(random.chance(0.4) ? { fileBytes: random.integer(1, 512) * 4096, filePath } : {}),
    ...(random.chance(0.4) ? { shmemBytes: random.integer(1, 512) * 4096 } : {}),
    ...(random.chance(0.3) ? { pageoutBytes: Math.floor(anonBytes / 8192) * 4096 } : {}),
    ...(random.chance(0.3) ? { threads: random.integer(1, 6) } : {}),
    ...(random.chance(0.1) ? { leaderExits: true } : {}),
    ...(random.chance(0.1) ? { vfork: true } : {}),
    ...(stage.options.busy ? { busy: true } : {}),
  };
}

/** For lists that are known not to be empty: each cgroup of a tree has a leaf in it, or is one. */
function asList<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new Error('no cgroup to choose from');
  return [first, ...rest];
}

async function withDeadline<T>(promise: Promise<T>, limitMs: number, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), limitMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
