import { expect, it } from 'vitest';
import type { Ledger } from '../../src/model/ledger.js';
import { describeOnKernels } from './harness/vm.js';

const MIB = 1 << 20;

interface Printed extends Ledger {
  readonly eviction: {
    readonly availableBytes: number;
    readonly fallBytesPerSecond: number;
    readonly hard: {
      readonly lineBytes: number;
      readonly from: string;
      readonly aboveBytes: number;
      readonly inSeconds: number | null;
    };
    readonly soft: { readonly lineBytes: number } | null;
    readonly kubelet: { readonly source: string };
  };
}

const CONTAINER =
  '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod11111111_2222_3333_4444_555555555555.slice' +
  `/cri-containerd-${'a1b2'.repeat(16)}.scope`;
const AGENT_BYTES = 200 * MIB;
const GROW_BYTES = 200 * MIB;
const FALL_BYTES_PER_SECOND = 8 * MIB;

describeOnKernels('the ledger', (vm) => {
  it('names who holds the node outside of the pods, and the time to the line that kubelet was told', async () => {
    await vm().writeFile(
      '/run/kubelet.yaml',
      'evictionHard: {memory.available: 64Mi}\nsystemReserved: {memory: 100Mi}\n',
    );
    // A process of that name with that command line is all that is looked at.
    const text = await vm().succeed(`
      mkdir -p /run/k && cp "$(command -v bash)" /run/k/kubelet
      mkfifo /run/k/end
      /run/k/kubelet -c 'read -r _ < /run/k/end' kubelet --config=/run/kubelet.yaml > /dev/null 2>&1 &
      kubelet=$!
      make() {
        at=/sys/fs/cgroup
        for name in $(echo "$1" | tr / ' '); do
          echo +memory > "$at/cgroup.subtree_control"; at="$at/$name"; mkdir -p "$at"
        done
      }
      make system.slice/legacy-agent.service; make '${CONTAINER.slice(1)}'
      hog --comm shop --adj 970 --cgroup '${CONTAINER.slice(1)}' --anon ${48 * MIB} --wait > /run/k/shop &
      shop=$!
      hog --comm agent --cgroup system.slice/legacy-agent.service --anon ${AGENT_BYTES} --wait \\
        --grow ${GROW_BYTES} --grow-rate ${FALL_BYTES_PER_SECOND} > /run/k/agent &
      agent=$!
      until grep -q '"ready"' /run/k/shop && grep -q '"ready"' /run/k/agent; do sleep 0.1; done
      kill -USR1 $agent
      oomscope ledger --json; echo "PID $agent"
      oomscope ledger | head -40 >&2
      kill $shop $agent $kubelet; wait; rm -r /run/k`);
    const [json = '', pid] = text.split('PID ');
    const ledger = JSON.parse(json) as Printed;
    const [largest] = ledger.outsidePods;
    expect(largest).toMatchObject({
      path: '/system.slice/legacy-agent.service',
      largest: { pid: Number(pid), comm: 'agent' },
    });
    expect(largest?.usageBytes).toBeGreaterThan(AGENT_BYTES);
    expect(largest?.usageBytes).toBeLessThan((AGENT_BYTES + GROW_BYTES) * 1.05);
    expect(ledger.pods.burstable).toBeGreaterThan(48 * MIB * 0.95);
    expect(ledger.pods.burstable).toBeLessThan(48 * MIB * 1.2);
    expect(ledger.unlimited.map(({ path }) => path)).toContain('/system.slice/legacy-agent.service');
    const [request] = ledger.requests;
    expect(request).toMatchObject({ path: CONTAINER, adj: 970 });
    if (request?.from !== 'adj') throw new Error('no API server was asked');
    expect(request.atLeastBytes).toBeCloseTo(ledger.capacityBytes * 0.03, -3);
    // What no counter explains: pages of drivers; counters read one after the other while the agent grows.
    expect(Math.abs(ledger.unaccountedBytes)).toBeLessThan(ledger.capacityBytes * 0.08);

    const { hard, soft, availableBytes, fallBytesPerSecond, kubelet } = ledger.eviction;
    expect(kubelet.source).toBe('/run/kubelet.yaml');
    expect(soft).toBeNull();
    expect(hard).toMatchObject({ lineBytes: 64 * MIB, from: 'config', aboveBytes: availableBytes - 64 * MIB });
    // The agent may have reached its end while a slow machine measured.
    expect(fallBytesPerSecond).toBeLessThan(FALL_BYTES_PER_SECOND * 3);
    if (hard.inSeconds !== null) expect(hard.inSeconds).toBeCloseTo(hard.aboveBytes / fallBytesPerSecond, 3);
  });
});
