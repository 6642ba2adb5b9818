import { expect, it } from 'vitest';
import { explainGrowth } from '../../src/report/explain/build.js';
import { CaseCollector } from '../../src/report/explain/case.js';
import { Recording } from './harness/recording.js';
import { describeInOwnVm, killedByKernel } from './harness/vm.js';

const MIB = 2 ** 20;

describeInOwnVm('memory over time on cgroup v1', '6.1', { cgroupVersion: 1 }, (vm) => {
  it('the sidecar dies and the app has grown, as on v2; what v1 does not have is null', async () => {
    const recording = await Recording.start(vm());
    const truth = await vm().scenario('sidecar');
    await vm().succeed('sleep 1');
    await recording.stop();

    expect(recording.session).toMatchObject({ cgroupVersion: 1, sampling: { how: 'iterator' } });
    expect(recording.markedPids).toEqual(killedByKernel(truth));
    const [kill] = recording.kills;
    const limit = kill?.limitCgroup;
    expect(limit?.path).toBeTruthy();

    const samples = recording
      .of('/memory/sample')
      .filter(({ tUs }) => tUs <= (kill?.tUs ?? 0))
      .flatMap(({ cgroups }) => cgroups.filter(({ id }) => id === limit?.id));
    expect(samples.length).toBeGreaterThan(3);
    expect(samples.at(-1)).toMatchObject({
      maxBytes: limit?.maxBytes,
      highBytes: null,
      lowBytes: null,
      minBytes: null,
    });
    const grown = (samples.at(-1)?.usageBytes ?? 0) - (samples[0]?.usageBytes ?? 0);
    expect(grown).toBeGreaterThan(16 * MIB);

    const stats = recording.of('/memory/stat').flatMap(({ cgroups }) => cgroups.filter(({ id }) => id === limit?.id));
    expect(Math.max(...stats.map(({ anonBytes }) => anonBytes ?? 0))).toBeGreaterThan(16 * MIB);
    expect(stats[0]).toMatchObject({ slabReclaimableBytes: null, sockBytes: null });
    expect(recording.of('/memory/stat').every(({ events }) => events === null)).toBe(true);
    const names = recording.of('/cgroup').map(({ path }) => path);
    expect(names).toEqual(expect.arrayContaining(['/', limit?.path]));
    // PSI of cgroups is v2's alone; stalls are counted all the same.
    const rows = recording.of('/pressure').flatMap(({ cgroups }) => cgroups);
    expect(rows.every(({ someUs }) => someUs === null)).toBe(true);
    expect(recording.of('/throttle')).toEqual([]);
    expect(recording.of('/reclaim').flatMap(({ cgroups }) => cgroups).length).toBeGreaterThan(0);
  });

  it('pagecache: the growth is file cache, and nobody dies, as on v2', async () => {
    const recording = await Recording.start(vm());
    const truth = await vm().scenario('pagecache');
    await recording.stop();
    expect(recording.kills).toEqual([]);
    const collector = new CaseCollector();
    collector.know([]);
    collector.write(recording.events);
    const found = explainGrowth(collector.tracks(), collector.session);
    console.info(`Linux 6.1, cgroup v1: ${found?.sentence}`);
    expect(found?.sentence).toContain('/kubepods/burstable/pod-reports/java grew ');
    expect(found?.sentence).toContain('The growth is file cache (reclaimable), not anonymous memory: no leak');
    const growth = found?.what.kind === 'growth' ? found.what.assessments[0]?.growth : undefined;
    const fact = (name: string) => {
      const line = truth.find((each) => each.type === 'fact' && each.name === name);
      return (line?.type === 'fact' ? line.value : {}) as Record<string, number>;
    };
    const grownBytes = (fact('after')['total_cache'] ?? 0) - (fact('before')['total_cache'] ?? 0);
    expect(growth?.byKind?.file).toBeGreaterThan(grownBytes * 0.95);
    expect(growth?.byKind?.file).toBeLessThan(grownBytes * 1.05);
  });
});
