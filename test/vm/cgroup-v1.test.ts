import { expect, it } from 'vitest';
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
});
