import { afterEach, expect, it } from 'vitest';
import { Prometheus, prometheusIsHere } from '../support/prometheus.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeOnOneKernel, type Vm } from './harness/vm.js';

const UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const APP = 'a'.repeat(64);
const SIDECAR = 'b'.repeat(64);
const POD = `/kubepods/burstable/pod${UID}`;
/** So that the growth is seen while it lasts: a culprit is named from what was seen. */
const SLOWLY = '30M';
const LOGS = `/var/log/pods/shop_web-1_${UID}`;

/** A pod as kubelet and a runtime leave it on a node: cgroups, log folders, links. The pod has the limit. */
function makePod(vm: Vm): Promise<string> {
  return vm.succeed(`
    cd /sys/fs/cgroup
    for group in kubepods kubepods/burstable kubepods/burstable/pod${UID}; do
      mkdir -p $group && echo +memory > $group/cgroup.subtree_control
    done
    echo 100M > .${POD}/memory.max
    mkdir -p .${POD}/${APP} .${POD}/${SIDECAR} /var/log/containers ${LOGS}/myapp ${LOGS}/vector
    : > ${LOGS}/myapp/0.log; : > ${LOGS}/vector/0.log
    ln -sf ${LOGS}/myapp/0.log /var/log/containers/web-1_shop_myapp-${APP}.log
    ln -sf ${LOGS}/vector/0.log /var/log/containers/web-1_shop_vector-${SIDECAR}.log
  `);
}

function removePod(vm: Vm): Promise<string> {
  return vm.succeed(`
    rm -rf /var/log/pods /var/log/containers
    cd /sys/fs/cgroup && for group in .${POD}/* .${POD} kubepods/burstable kubepods; do
      [ -d $group ] && { echo 1 > $group/cgroup.kill; until rmdir $group 2>/dev/null; do sleep 0.1; done; }
    done; true
  `);
}

/** The app grows until the limit of its pod is hit; the sidecar, a little one with the higher score, dies. */
function killSidecar(vm: Vm, growthPerSecond = '100M'): Promise<string> {
  return vm.succeed(`
    hog --cgroup ${POD.slice(1)}/${SIDECAR} --comm vector --adj 1000 --anon 8M > /tmp/sidecar & sidecar=$!
    # Were it not there yet the app would be the one that dies, and the sidecar never.
    until grep -q '"ready"' /tmp/sidecar; do sleep 0.1; done
    hog --cgroup ${POD.slice(1)}/${APP} --comm myapp --grow 200M --grow-rate ${growthPerSecond} & app=$!
    wait $sidecar; kill -9 $app; wait $app; true
  `);
}

describeOnOneKernel('a pod of a Kubernetes node', (vm) => {
  afterEach(() => removePod(vm()));

  it('is named in its kill, for victim, limit and trigger, and in the metrics', async () => {
    await makePod(vm());
    const recording = await Recording.start(vm(), ['--port', '7070']);
    await killSidecar(vm());
    await expect.poll(() => recording.kills.length).toBeGreaterThan(0);
    const [list, metrics] = await Promise.all(
      ['api/incidents', 'metrics'].map((path) => vm().succeed(`curl -sS http://127.0.0.1:7070/${path}`)),
    );
    await recording.stop();
    const { incidents } = JSON.parse(list ?? '') as { incidents: { headline: string }[] };
    expect(incidents.at(-1)?.headline).toMatch(
      /^vector \(pid \d+\) in container vector of pod shop\/web-1 was killed: pod shop\/web-1, above its container, hit its limit of 100 MiB; it was myapp \(pid \d+\) in container myapp of pod shop\/web-1 that asked for memory\.$/,
    );
    expect(metrics).toContain(
      'oomscope_kills_total{cause="ancestor-limit",namespace="shop",pod="web-1",container="vector"} 1',
    );
    expect(recording.of('/identity')[0]).toMatchObject({ namespace: 'shop', pod: 'web-1', podUid: UID });
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('that died before its name was known is named as soon as it can be', async () => {
    await makePod(vm());
    await vm().succeed('mv /var/log/containers /var/log/containers.late');
    const recording = await Recording.start(vm());
    await killSidecar(vm());
    await expect.poll(() => recording.kills.length).toBeGreaterThan(0);
    const before = recording.of('/identity').at(-1)?.containers;
    await vm().succeed('mv /var/log/containers.late /var/log/containers');
    await expect.poll(() => recording.of('/identity').at(-1)?.containers.length, { timeout: 40_000 }).toBe(2);
    await recording.stop();
    expect(before).toEqual([]);
  });

  it.skipIf(!prometheusIsHere)(
    'that dies for the memory of another, again and again, is told by the alerts of a real Prometheus',
    async () => {
      await makePod(vm());
      const host = `127.0.0.1:${vm().pagePort}`;
      const recording = await Recording.start(vm(), ['--port', '7070', '--public-url', `http://${host}`]);
      const prometheus = await Prometheus.start(host);
      try {
        const of = (alertname: string) => ({ alertname, namespace: 'shop', pod: 'web-1', container: 'vector' });
        const wait = { timeout: 60_000, interval: 500 };
        // Prometheus sees a growth only in what it has seen before it grew.
        await killSidecar(vm(), SLOWLY);
        await expect.poll(() => prometheus.value('oomscope_kills_total{container="vector"}'), wait).toBe('1');
        for (let kill = 2; kill <= 4; kill++) await killSidecar(vm(), SLOWLY);
        for (const labels of [of('OomKilledLoop'), of('OomWrongVictim')]) {
          await expect
            .poll(() => prometheus.alerts(), wait)
            .toContainEqual(expect.objectContaining({ state: 'firing', labels: expect.objectContaining(labels) }));
        }
      } finally {
        await prometheus.stop();
      }
      await recording.stop();
    },
  );
});
