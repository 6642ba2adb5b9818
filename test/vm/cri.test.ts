import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge } from '../../src/model/verdict.js';
import { CaseCollector } from '../../src/report/explain/case.js';
import { CriRuntime, IMAGE, type PodSpec } from './harness/cri.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeOnOneKernel } from './harness/vm.js';

const LATE = '/run/cri-test/logs';

/** The app grows until the limit of its pod is hit; the sidecar, a little one with the higher score, dies. */
const web = (over: Partial<PodSpec> = {}): PodSpec => ({
  uid: '3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
  namespace: 'shop',
  name: 'web-1',
  cgroup: '/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
  labels: { team: 'payments' },
  logs: '/var/log',
  containers: [
    { name: 'vector', command: ['/hog', '--comm', 'vector', '--adj', '1000', '--anon', '8M'] },
    { name: 'myapp', command: ['/hog', '--comm', 'myapp', '--grow', '200M', '--grow-rate', '60M'] },
  ],
  ...over,
});

/** Dies of its own limit as soon as it begins. */
const flash = (digit: number, over: Partial<PodSpec> = {}): PodSpec => ({
  uid: `${String(digit).repeat(8)}-7d1e-4a0b-9c55-0123456789ab`,
  namespace: 'shop',
  name: `flash-${digit}`,
  cgroup: `/kubepods/burstable/pod${String(digit).repeat(8)}-7d1e-4a0b-9c55-0123456789ab`,
  logs: LATE,
  containers: [{ name: 'burst', command: ['/hog', '--comm', 'burst', '--anon', '64M'], limitBytes: 16 * 2 ** 20 }],
  ...over,
});

describeOnOneKernel('pods of a real container runtime', (vm) => {
  let runtime: CriRuntime;
  let recording: Recording;

  beforeAll(async () => {
    await vm().succeed(`
      cd /sys/fs/cgroup && echo +memory > cgroup.subtree_control
      for group in kubepods kubepods/burstable; do mkdir -p $group && echo +memory > $group/cgroup.subtree_control; done
      mkdir -p .${web().cgroup} && echo +memory > .${web().cgroup}/cgroup.subtree_control && echo 100M > .${web().cgroup}/memory.max
    `);
    runtime = await CriRuntime.start(vm());
    recording = await Recording.start(vm(), ['--no-server', '--cri', runtime.socket]);
  });

  afterAll(async () => {
    await runtime.stop();
    await vm().exec(`
      rm -rf /var/log/pods /var/log/containers
      cd /sys/fs/cgroup && echo 1 > kubepods/cgroup.kill; sleep 0.5; find kubepods -depth -type d -exec rmdir {} +
    `);
  });

  /** The names in the last identity of a pod. */
  const told = ({ uid }: PodSpec) => recording.of('/identity').findLast(({ podUid }) => podUid === uid);
  const verdictOf = (comm: string) => {
    const collector = new CaseCollector();
    collector.write(recording.events);
    const found = collector.cases().findLast(({ incident }) => incident.episode?.choice?.process.comm === comm);
    return found === undefined ? null : judge(found);
  };

  it('are named in a kill, for victim, limit, trigger and culprit, with image and labels', async () => {
    const pod = await runtime.run(web());
    await expect.poll(() => recording.kills.length, { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(() => told(web())?.containers.map(({ image }) => image)).toEqual([IMAGE, IMAGE]);
    const verdict = verdictOf('vector');
    expect(verdict?.summary.headline).toMatch(
      /^vector \(pid \d+\) in container vector of pod shop\/web-1 was killed: pod shop\/web-1, above its container, hit its limit of 100 MiB; it was myapp \(pid \d+\) in container myapp of pod shop\/web-1 that asked for memory\.$/,
    );
    expect(verdict?.culpritWords).toContain('container myapp of pod shop/web-1');
    expect(told(web())).toMatchObject({
      ...{ namespace: 'shop', pod: 'web-1', unnamed: null },
      labels: { kept: [{ name: 'team', value: 'payments' }], leftOut: 0 },
      containers: expect.arrayContaining([
        expect.objectContaining({ id: pod.containers['vector'], name: 'vector' }),
        expect.objectContaining({ id: pod.containers['myapp'], name: 'myapp' }),
      ]),
    });
    // The first process of its container, whatever the node calls it.
    expect(recording.marked[0]).toMatchObject({ process: { comm: 'vector' }, containerPid: 1 });
    await runtime.remove(pod);
  });

  it('are named though the container ended as it began, and no log folder tells of it', async () => {
    const pod = await runtime.run(flash(1));
    await expect.poll(() => verdictOf('burst')?.summary.headline).toContain('container burst of pod shop/flash-1');
    expect(told(flash(1))?.containers).toMatchObject([{ id: pod.containers['burst'], image: IMAGE }]);
    await runtime.remove(pod);
  });

  it('are named after the runtime was started anew', async () => {
    await runtime.restart();
    const pod = await runtime.run(flash(2));
    await expect.poll(() => verdictOf('burst')?.summary.headline).toContain('container burst of pod shop/flash-2');
    expect(recording.process.stderr).not.toContain('E_CRI_BAD_ANSWER');
    await runtime.remove(pod);
    await recording.stop();
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('are named without the socket as well, where log folders tell of them; else it is said who was asked', async () => {
    recording = await Recording.start(vm(), ['--no-server', '--cri', '/run/nobody.sock']);
    const pods = [await runtime.run(flash(3, { logs: '/var/log' })), await runtime.run(flash(4))];
    await expect.poll(() => told(flash(3))?.containers).toMatchObject([{ name: 'burst', image: null }]);
    await expect.poll(() => told(flash(4))?.unnamed, { timeout: 30_000 }).toContain('E_CRI_UNREACHABLE');
    expect(recording.process.stderr.match(/E_CRI_\w+/g)).toEqual(['E_CRI_UNREACHABLE']);
    expect(verdictOf('burst')?.summary.headline).toMatch(/in container [0-9a-f]{12} of pod 44444444-/);
    await recording.stop();
    for (const pod of pods) await runtime.remove(pod);
  });
});
