import { expect, it } from 'vitest';
import type { ProcessTruth } from '../../src/lab/stage/truth.js';
import type { Ledger } from '../../src/model/ledger.js';
import { type Explained, explain, explainGrowth } from '../../src/report/explain/build.js';
import { CaseCollector } from '../../src/report/explain/case.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Truth, type Vm } from './harness/vm.js';

const TIMEOUT_MS = 300_000;
const MIB = 2 ** 20;
/** What the record may differ from the scenario's own log. */
const TOLERANCE = 0.05;

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

/** The value of a fact that the scenario told. */
function factNamed<T>(truth: readonly Truth[], name: string): T {
  const found = truth.find((line) => line.type === 'fact' && line.name === name);
  if (found?.type !== 'fact') throw new Error(`the scenario told no ${name}`);
  return found.value as T;
}

function expectWithin(actual: number, expected: number, part: number): void {
  expect(actual).toBeGreaterThan(expected * (1 - part));
  expect(actual).toBeLessThan(expected * (1 + part));
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
      const seconds = (culprit.growth.toUs - culprit.growth.fromUs) / 1e6;
      console.log(
        `Linux ${kernel}: grew ${Math.round(culprit.growth.unreclaimableBytes / MIB)} MiB in ${seconds.toFixed(1)} s`,
      );
      console.log(`Linux ${kernel}: the log says ${Math.round(leakedBytes / MIB)} MiB`);
      expectWithin(culprit.growth.unreclaimableBytes, leakedBytes, TOLERANCE);
    },
    TIMEOUT_MS,
  );

  it(
    'pagecache: the growth is file cache, no leak, with the parts apart and the number of kubelet beside them',
    async () => {
      const recording = await Recording.start(vm());
      const truth = await vm().scenario('pagecache', { timeoutMs: TIMEOUT_MS });
      await recording.stop();
      const collector = new CaseCollector();
      collector.know([]);
      collector.write(recording.events);
      expect(collector.cases()).toEqual([]);
      const found = explainGrowth(collector.tracks(), collector.session);
      console.log(`Linux ${kernel}: ${found?.sentence}`);
      if (found?.what.kind !== 'growth') throw new Error('nothing grew');
      const [first] = found.what.assessments;
      const java = processNamed(truth, 'java');
      expect(first?.growth).toMatchObject({ path: java.cgroup, kind: 'file' });
      expect(found.sentence).toContain(`Nobody was killed. ${java.cgroup} grew `);
      expect(found.sentence).toContain(
        'The growth is file cache (reclaimable), not anonymous memory: no leak, no OOM risk from it.',
      );
      expect(found.sentence).toMatch(
        /It then held anon .*, file .* \(active .*, inactive .*\), shmem .*, kernel .*; kubelet's number \(working set\) is /,
      );
      const after = factNamed<Record<string, number>>(truth, 'after');
      const before = factNamed<Record<string, number>>(truth, 'before');
      const { growth } = first ?? {};
      if (!growth) throw new Error('nothing grew');
      expectWithin(growth.byKind?.file ?? 0, (after['file'] ?? 0) - (before['file'] ?? 0), TOLERANCE);
      expectWithin(growth.to.anonBytes ?? 0, after['anon'] ?? 0, TOLERANCE);
      expectWithin(growth.to.fileBytes ?? 0, (after['file'] ?? 0) - (after['shmem'] ?? 0), TOLERANCE);
    },
    TIMEOUT_MS,
  );

  it(
    'hostagent: who holds the node outside of the pods, by unit and pid, and how far the eviction line is',
    async () => {
      const recording = await Recording.start(vm());
      const playing = vm().spawn(['lab-scenario', 'hostagent']);
      await playing.lineWith('"usage"', TIMEOUT_MS);
      const json = await vm().succeed('oomscope ledger --json');
      await playing.exited;
      await recording.stop();
      const truth = playing.lines.map((line) => JSON.parse(line) as Truth);
      const ledger = JSON.parse(json) as Ledger & {
        readonly eviction: { readonly availableBytes: number; readonly hard: { readonly aboveBytes: number } };
      };
      const agent = factNamed<{ pid: number; anonBytes: number }>(truth, 'agent');
      const usage = factNamed<{ path: string; usageBytes: number }>(truth, 'usage');
      const [largest] = ledger.outsidePods;
      expect(largest).toMatchObject({ path: usage.path, largest: { pid: agent.pid, comm: 'agent' } });
      expectWithin(largest?.usageBytes ?? 0, usage.usageBytes, TOLERANCE);
      expectWithin(largest?.largest?.rssBytes ?? 0, agent.anonBytes, TOLERANCE);
      expect(ledger.unlimited.map(({ path }) => path)).toContain(usage.path);
      // The recorder, which reads by itself, saw the same within the time that the ledger took.
      const { availableBytes, hard } = ledger.eviction;
      const seen = recording.of('/node').map(({ kubeletAvailableBytes }) => kubeletAvailableBytes ?? 0);
      expect(seen.some((bytes) => Math.abs(bytes - availableBytes) < availableBytes * TOLERANCE)).toBe(true);
      expect(hard.aboveBytes).toBe(availableBytes - 100 * MIB);
      expect(recording.kills).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
