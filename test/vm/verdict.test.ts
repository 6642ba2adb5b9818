import { expect, it } from 'vitest';
import type { ProcessTruth } from '../../src/lab/stage/truth.js';
import { type Explained, explain } from '../../src/report/explain/build.js';
import { CaseCollector } from '../../src/report/explain/case.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Truth, type Vm } from './harness/vm.js';

const TIMEOUT_MS = 300_000;
const MIB = 2 ** 20;

/** Plays a scenario under oomscope and explains its first kill. */
async function explained(vm: Vm, scenario: string): Promise<{ found: Explained; truth: Truth[] }> {
  const recording = await Recording.start(vm);
  const truth = await vm.scenario(scenario, { timeoutMs: TIMEOUT_MS });
  await recording.stop();
  const collector = new CaseCollector();
  collector.know([]);
  collector.write(recording.events);
  const [first] = collector.cases();
  if (first === undefined) throw new Error(`${scenario}: no kill`);
  return { found: explain(first), truth };
}

function processNamed(truth: readonly Truth[], comm: string): ProcessTruth {
  const found = truth.find((line): line is ProcessTruth & Truth => line.type === 'process' && line.comm === comm);
  if (found === undefined) throw new Error(`the scenario made no ${comm}`);
  return found;
}

describeOnKernels('the verdict', (vm, kernel) => {
  it(
    'sidecar: vector died, myapp caused it, the adj decided, and myapp needs a limit',
    async () => {
      const { found, truth } = await explained(vm(), 'sidecar');
      const [app, sidecar] = [processNamed(truth, 'myapp'), processNamed(truth, 'vector')];
      const limit = truth.find((line) => line.type === 'cgroup' && line.path === '/kubepods');
      console.log(`Linux ${kernel}: ${found.sentence}`);
      const { what, sentence } = found;
      if (what.kind !== 'oom-kill') throw new Error(what.kind);
      const { culprit, advice, counterfactuals } = what.verdict;
      if (culprit.kind !== 'cgroup') throw new Error(`the culprit is ${JSON.stringify(culprit)}`);

      expect(sentence).toContain(`vector (pid ${sidecar.pid}) was killed`);
      expect(sentence).toContain(`myapp (pid ${app.pid}) in ${app.cgroup} grew`);
      expect(sentence).toMatch(/and caused it\. .*because its oom_score_adj of 999 added \d+,\d+ points/);
      expect(sentence).toMatch(/without it myapp .* would have died\. Give myapp \(pid \d+\) a memory limit\.$/);
      expect(culprit).toMatchObject({ isVictim: false, growth: { path: app.cgroup, kind: 'anon' } });
      expect(culprit.process?.pid).toBe(app.pid);
      expect(advice.map(({ rule }) => rule)).toEqual(
        expect.arrayContaining(['limit-the-culprit', 'lower-the-victims-adj']),
      );
      expect(counterfactuals).toMatchObject({ kind: 'known', deathOrder: [{ pid: sidecar.pid }, { pid: app.pid }] });

      // By the scenario's own log: the limit, less what vector holds and what myapp held before it began to leak.
      const limitBytes = limit?.type === 'cgroup' ? Number(limit.limits['maxBytes']) : 0;
      const leakedBytes = limitBytes - sidecar.anonBytes - app.anonBytes;
      const ratio = culprit.growth.unreclaimableBytes / leakedBytes;
      const seconds = (culprit.growth.toUs - culprit.growth.fromUs) / 1e6;
      console.log(
        `Linux ${kernel}: grew ${Math.round(culprit.growth.unreclaimableBytes / MIB)} MiB in ${seconds.toFixed(1)} s`,
      );
      console.log(`Linux ${kernel}: the log says ${Math.round(leakedBytes / MIB)} MiB`);
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.05);
    },
    TIMEOUT_MS,
  );
});
