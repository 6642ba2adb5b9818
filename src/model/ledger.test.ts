import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleCgroup, sampleKube } from '../../test/support/sample-events.js';
import type { KubeContainer, KubePod } from '../events/kube.js';
import { type CgroupHolding, type LedgerInput, makeLedger } from './ledger.js';

const GIB = 1024 * MIB;
const UID = '12345678-1234-1234-1234-1234567890ab';
const CONTAINER = `cri-containerd-${'ab12'.repeat(16)}.scope`;
const BURSTABLE = '/kubepods.slice/kubepods-burstable.slice';
const POD = `${BURSTABLE}/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;

function holding(path: string, usageBytes: number, over: Partial<CgroupHolding> = {}): CgroupHolding {
  const level = path === '/' ? 0 : path.split('/').length - 1;
  const parts = { anonBytes: usageBytes * 0.5, fileBytes: usageBytes * 0.4, kernelBytes: usageBytes * 0.1 };
  return {
    ...sampleCgroup({ path, level, usageBytes, maxBytes: 'max', highBytes: 'max' }),
    ...parts,
    inactiveFileBytes: 0,
    ...over,
  };
}

const CGROUPS = [
  holding('/', 0, { usageBytes: null, anonBytes: null, fileBytes: null, kernelBytes: null }),
  holding('/init.scope', 10 * MIB),
  holding('/kubepods.slice', 6 * GIB, { maxBytes: 7 * GIB }),
  holding(BURSTABLE, 4 * GIB),
  holding(POD, 4 * GIB),
  holding(`${POD}/${CONTAINER}`, 3 * GIB),
  holding('/kubepods.slice/kubepods-besteffort.slice', 0.5 * GIB),
  holding('/system.slice', 3 * GIB),
  holding('/system.slice/legacy-agent.service', 2.5 * GIB),
  holding('/user.slice', 0.25 * GIB),
];

const TASKS = [
  sampleCandidate({ pid: 892, comm: 'agent', cgroupPath: '/system.slice/legacy-agent.service', rssAnonBytes: 2 * GIB }),
  sampleCandidate({ pid: 893, comm: 'helper', cgroupPath: '/system.slice/legacy-agent.service', rssAnonBytes: MIB }),
  sampleCandidate({ pid: 20, comm: 'java', cgroupPath: `${POD}/${CONTAINER}`, adj: 938 }),
];

const INPUT: LedgerInput = {
  node: {
    ...{ totalBytes: 16 * GIB, freeBytes: 4 * GIB, hugetlbBytes: 0 },
    ...{ anonBytes: 5 * GIB, fileBytes: 5 * GIB, kernelBytes: 1.5 * GIB },
  },
  cgroups: CGROUPS,
  tasks: TASKS,
  kubePods: null,
};

const POD_OF_API = sampleKube().pods[0] as KubePod;
const CONTAINER_OF_API = { ...(POD_OF_API.containers[0] as KubeContainer), id: 'ab12'.repeat(16) };

describe('the ledger', () => {
  const ledger = makeLedger(INPUT);

  it('all parts together are the capacity', () => {
    const { pods, other } = ledger;
    const parts = [
      ...[pods.guaranteed, pods.burstable, pods.besteffort, ledger.systemBytes, ledger.userBytes],
      ...[other.cgroupsBytes, other.rootBytes, other.hugetlbBytes],
      ...[ledger.kernelBytes, ledger.freeBytes, ledger.unaccountedBytes],
    ];
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(16 * GIB);
  });

  it('pods go by their class; the guaranteed are those in neither of the other two', () => {
    expect(ledger.pods).toEqual({ guaranteed: 1.5 * GIB, burstable: 4 * GIB, besteffort: 0.5 * GIB });
  });

  it('the largest user outside of pods is named by its unit and its largest process', () => {
    expect(ledger.outsidePods[0]).toMatchObject({
      path: '/system.slice/legacy-agent.service',
      usageBytes: 2.5 * GIB,
      largest: { pid: 892, comm: 'agent' },
    });
    expect(ledger.outsidePods.map(({ path }) => path)).not.toContain(`${POD}/${CONTAINER}`);
    expect(ledger.outsidePodsBytes).toBe(3.25 * GIB + 10 * MIB);
  });

  it('below a limit nobody is without one', () => {
    expect(ledger.unlimited.map(({ path }) => path)).toEqual(['/system.slice/legacy-agent.service', '/init.scope']);
  });

  it('memory.high is unused until one cgroup has it', () => {
    expect(ledger.highUnused).toBe(true);
    const used = CGROUPS.map((cgroup) => (cgroup.path === POD ? { ...cgroup, highBytes: GIB } : cgroup));
    expect(makeLedger({ ...INPUT, cgroups: used }).highUnused).toBe(false);
  });

  it('the request of a burstable container lies between two thousandths of the node', () => {
    const [request] = ledger.requests;
    if (request?.from !== 'adj') throw new Error('it was inferred');
    expect(request).toMatchObject({ path: `${POD}/${CONTAINER}`, adj: 938 });
    // 1 GiB of 16 is 62.5 thousandths: adj 1000 − 62.
    expect(request?.atLeastBytes).toBeLessThanOrEqual(GIB);
    expect(request?.belowBytes).toBeGreaterThan(GIB);
    expect((request?.belowBytes ?? 0) - (request?.atLeastBytes ?? 0)).toBeCloseTo((16 * GIB) / 1000, -1);
  });

  it('what the API server tells of a request is taken, and nothing is inferred of that container', () => {
    const kubePods = [{ ...POD_OF_API, containers: [{ ...CONTAINER_OF_API, requestBytes: 700 * 2 ** 20 }] }];
    const path = `${POD}/${CONTAINER}`;
    expect(makeLedger({ ...INPUT, kubePods }).requests).toEqual([
      { path, from: 'api-server', requestBytes: 700 * 2 ** 20 },
    ]);
    const none = [{ ...POD_OF_API, containers: [{ ...CONTAINER_OF_API, requestBytes: null }] }];
    expect(makeLedger({ ...INPUT, kubePods: none }).requests).toEqual([
      { path, from: 'api-server', requestBytes: null },
    ]);
    // Of another container it tells nothing here.
    const other = [{ ...POD_OF_API, containers: [{ ...CONTAINER_OF_API, id: 'f'.repeat(64) }] }];
    expect(makeLedger({ ...INPUT, kubePods: other }).requests).toEqual(ledger.requests);
  });

  it('without Kubernetes there are no pods, and every unit is outside', () => {
    const plain = makeLedger({ ...INPUT, cgroups: CGROUPS.filter(({ path }) => !path?.includes('kubepods')) });
    expect(plain.pods).toEqual({ guaranteed: 0, burstable: 0, besteffort: 0 });
    expect(plain.outsidePods).toHaveLength(2);
  });
});
