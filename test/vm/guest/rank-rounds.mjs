// Runs in a guest. Ranks, provokes a kill, and says whom the kernel took: a JSON line {scope, round, first, killed} each.
//   node rank-rounds.mjs ROUNDS SEED
// Half of the kills are by a limit, half of the whole node (sysrq-f: the same selection without the wait for a shortage).
import { constants, openSync, readSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../dist/lab/stage/random.js';
import { Stage } from '../../../dist/lab/stage/stage.js';
import { rankCgroup, rankNode } from '../../../dist/model/rank.js';
import { RankSource } from '../../../dist/sources/host/rank-source.js';

const MIB = 1 << 20;
const [rounds, seed] = process.argv.slice(2).map(Number);
const random = seededRandom(seed);
const stage = new Stage({ seed, kills: rounds, busy: false });
const source = new RankSource();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// Whoever ranks and provokes must not be the next.
writeFileSync('/proc/self/oom_score_adj', '-1000');

/** The kernel's own word, and its order: waitpid finds two deaths in any order. */
class KernelLog {
  #fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  #line = Buffer.alloc(16_384);

  /** Pids killed since the last call. */
  takeKilled() {
    const pids = [];
    for (;;) {
      try {
        const text = this.#line.toString('utf8', 0, readSync(this.#fd, this.#line));
        const pid = /: Killed process ([0-9]+) /.exec(text)?.[1];
        if (pid !== undefined) pids.push(Number(pid));
      } catch (error) {
        if (error.code === 'EAGAIN') return pids;
        // EPIPE: the log has overtaken us; it goes on at its oldest line.
        if (error.code !== 'EPIPE') throw error;
      }
    }
  }

  async nextKilled() {
    for (;;) {
      const [first] = this.takeKilled();
      if (first !== undefined) return first;
      await sleep(5);
    }
  }
}

const log = new KernelLog();

async function killInCgroup(cgroup, pushers) {
  await cgroup.limit({ maxBytes: (await cgroup.usageBytes()) + MIB });
  const pusher = await stage.hog('trigger', pushers, { comm: 'pusher', adj: -1000, wait: true, growBytes: 3 * MIB });
  log.takeKilled();
  const input = source.read();
  const ranking = rankCgroup(
    input,
    input.cgroups.find(({ path }) => path === '/rank'),
  );
  pusher.start();
  const killed = await log.nextKilled();
  await pusher.until('grown');
  pusher.kill();
  await pusher.exited;
  await cgroup.limit({ maxBytes: 'max' });
  return { ranking, killed };
}

async function killOnNode() {
  log.takeKilled();
  const ranking = rankNode(source.read());
  writeFileSync('/proc/sysrq-trigger', 'f');
  return { ranking, killed: await log.nextKilled() };
}

writeFileSync('/proc/sys/kernel/sysrq', '1');
let round = 0;
while (round < rounds) {
  const cgroup = await stage.cgroup('/rank', { swapMaxBytes: 0 });
  const inner = await stage.cgroup('/rank/inner');
  const leaf = await stage.cgroup('/rank/leaf');
  const pushers = await stage.cgroup('/rank/pushers');
  let hogs = [];
  for (let n = 0; n < 7; n++) {
    hogs.push(
      await stage.hog('candidate', random.chance(0.5) ? inner : leaf, {
        comm: `cand-${n}`,
        adj: random.integer(0, 1000),
        // Whoever dies frees what the pusher asks for: no second kill follows.
        anonBytes: random.integer(4, 12) * MIB + random.integer(0, 255) * 4096,
        ...(random.chance(0.3) ? { shmemBytes: random.integer(1, 4) * MIB } : {}),
        threads: random.integer(0, 3),
      }),
    );
  }
  while (hogs.length > 2 && round < rounds) {
    const scope = round % 2 === 0 ? 'memcg' : 'node';
    const { ranking, killed } = await (scope === 'memcg' ? killInCgroup(cgroup, pushers) : killOnNode());
    const first = ranking.next.kind === 'victim' ? ranking.next.candidate.pid : null;
    say({ scope, round, first, killed, margin: ranking.ballot.margin?.pages ?? null });
    await hogs.find(({ pid }) => pid === killed)?.exited;
    hogs = hogs.filter(({ alive }) => alive);
    round++;
  }
  await stage.clear();
}
source.close();
