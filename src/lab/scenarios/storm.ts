import { createInterface } from 'node:readline';
import { MIB, type Scenario } from './scenario.js';

const SLEEPERS = 200;
/** What each hog finds free, and how much it wants. */
const SLACK_BYTES = 8 * MIB;
const WANTED_BYTES = 32 * MIB;

export const storm: Scenario = {
  name: 'storm',
  summary: 'One kill after the other, 120 unless told otherwise, with 200 candidates each.',
  shows: 'What is lost when more happens than can be read, and that no kill is.',
  expected: 'every child of hog-parent dies; no sleeper does.',
  pauseMs: 10_000,
  async play(stage) {
    const cgroup = await stage.cgroup('/storm', { swapMaxBytes: 0 });
    await stage.sleepers(cgroup, SLEEPERS);
    await cgroup.limit({ maxBytes: (await cgroup.usageBytes()) + SLACK_BYTES });
    stage.say(`${stage.options.kills} kills with ${SLEEPERS} candidates each.`);
    const args = ['--children', String(stage.options.kills), '--comm', 'storm', '--anon', String(WANTED_BYTES)];
    const parent = stage.helper('hog', ['--die-with-parent', ...args, '--cgroup', cgroup.path.slice(1)]);
    const children: number[] = [];
    if (parent.stdout !== null) {
      for await (const text of createInterface({ input: parent.stdout })) {
        const line = JSON.parse(text) as { what: string; child: number; signal: number };
        if (line.what !== 'child-ended' || line.signal !== 9) continue;
        children.push(line.child);
        stage.countKill(line.child);
      }
    }
    stage.fact('storm-killed', children.length);
    stage.fact('kernel-counted', await cgroup.oomKills());
  },
};
