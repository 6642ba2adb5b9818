import type { EpisodeEvent } from '../../src/events/episode.js';
import type { OomscopeEvent } from '../../src/events/event.js';
import type { KubeContainer, KubeEvent, KubePod } from '../../src/events/kube.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleKube,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  sampleProcess,
  sampleVictim,
} from './sample-events.js';

/** A node of two pods: a job grows, the pods' common limit is hit, and a web server of another pod dies for it. */

export const WEB_ID = 'a'.repeat(64);
const REPORT_ID = 'b'.repeat(64);
const WEB_UID = '3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const REPORT_UID = '77c0de00-7d1e-4a0b-9c55-0123456789ab';

const BURSTABLE = '/kubepods.slice/kubepods-burstable.slice';
const pathOf = (uid: string, id: string) =>
  `${BURSTABLE}/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`;
export const WEB_PATH = pathOf(WEB_UID, WEB_ID);
export const REPORT_PATH = pathOf(REPORT_UID, REPORT_ID);

/** `sceneSession` is anchored there: tUs of that moment, and µs since 1970. */
const ANCHOR_US = 1_000_000_000;

export const WEB_POD: KubePod = {
  uid: WEB_UID,
  namespace: 'shop',
  name: 'web-5b8c7d9f4-x2x9p',
  owner: { kind: 'ReplicaSet', name: 'web-5b8c7d9f4' },
  containers: [container(WEB_ID, 'nginx', 128, 512)],
};

export const REPORT_POD: KubePod = {
  uid: REPORT_UID,
  namespace: 'batch',
  name: 'report-28412-7k',
  owner: { kind: 'Job', name: 'report-28412' },
  containers: [container(REPORT_ID, 'report', 64, null)],
};

function container(id: string, name: string, requestMib: number | null, limitMib: number | null): KubeContainer {
  const bytes = (mebibytes: number | null) => (mebibytes === null ? null : mebibytes * MIB);
  return { id, name, requestBytes: bytes(requestMib), limitBytes: bytes(limitMib) };
}

/** Both pods, a node without pressure, and no word of kubelet. */
export function calmKube(tUs: number, over: Partial<KubeEvent> = {}): KubeEvent {
  return sampleKube({ tUs, node: 'worker-7', pods: [WEB_POD, REPORT_POD], conditions: [], notices: [], ...over });
}

/** What the API server tells once kubelet has evicted the web server's pod, `saidUs` of which moment. */
export function evictedKube(tUs: number, saidUs: number, anchorEpochUs: number, over: Partial<KubeEvent> = {}) {
  return calmKube(tUs, {
    conditions: [{ type: 'MemoryPressure', status: 'true', reason: 'KubeletHasInsufficientMemory' }],
    notices: [
      {
        ...{ kind: 'Pod', namespace: 'shop', name: WEB_POD.name, reason: 'Evicted', count: 1 },
        message:
          'The node was low on resource: memory. Threshold quantity: 100Mi, available: 81244Ki. Container nginx was using 411Mi, request is 128Mi, has larger consumption of memory. ',
        atUs: anchorEpochUs + saidUs - ANCHOR_US,
      },
    ],
    ...over,
  });
}

/** A minute of memory and the kill at its end. */
export function webKill(killUs: number, over: Partial<EpisodeEvent> = {}): OomscopeEvent[] {
  const beginUs = killUs - 60_000_000;
  const totalPages = 1_048_576;
  const inWeb = { cgroupId: 11, cgroupPath: WEB_PATH };
  const inReport = { cgroupId: 12, cgroupPath: REPORT_PATH };
  const nginx = sampleCandidate({ ...inWeb, pid: 2100, comm: 'nginx', rssAnonBytes: 400 * MIB, adj: 990 }, totalPages);
  const report = sampleCandidate(
    { ...inReport, pid: 3100, comm: 'report', rssAnonBytes: 3_000 * MIB, adj: 100 },
    totalPages,
  );
  const members = [
    { id: 10, path: '/kubepods.slice', mib: (second: number) => 1_100 + second * 48 },
    { id: 11, path: WEB_PATH, mib: () => 400 },
    { id: 12, path: REPORT_PATH, mib: (second: number) => 120 + second * 48 },
  ];
  const cgroup = (id: number, path: string, usageMib: number, maxBytes: number | 'max') =>
    sampleCgroup({ id, path, level: path.split('/').length - 1, usageBytes: usageMib * MIB, maxBytes });
  const web = cgroup(11, WEB_PATH, 411, 512 * MIB);
  return [
    ...members.map(({ id, path }) =>
      sampleCgroupLife({ id, path, tUs: beginUs, change: 'present', level: path.split('/').length - 1 }),
    ),
    ...[
      { pod: WEB_POD, image: 'registry.example/shop/web:1.25', memoryLimitBytes: 512 * MIB },
      { pod: REPORT_POD, image: null, memoryLimitBytes: null },
    ].map(({ pod: { uid, namespace, name, containers }, ...made }) =>
      sampleIdentity({
        ...{ tUs: beginUs, podUid: uid, namespace, pod: name },
        containers: containers.map((each) => ({ id: each.id ?? '', name: each.name, ...made })),
      }),
    ),
    ...Array.from({ length: 60 }, (_, second): OomscopeEvent[] => {
      const tUs = beginUs + second * 1_000_000;
      return [
        sampleMemorySample({
          tUs,
          cgroups: members.map(({ id, mib }) =>
            sampleCgroupSample({ id, usageBytes: mib(second) * MIB, maxBytes: id === 10 ? 4_096 * MIB : 'max' }),
          ),
        }),
        sampleMemoryStat({
          tUs,
          cgroups: members.map(({ id, mib }) => sampleCgroupStat({ id, anonBytes: mib(second) * MIB })),
        }),
        sampleNode({ tUs, kubeletAvailableBytes: 900 * MIB }),
      ];
    }).flat(),
    sampleVictim({
      ...{
        tUs: killUs + 900,
        episodeUs: killUs,
        tid: 2100,
        process: sampleProcess({ ...inWeb, pid: 2100, comm: 'nginx' }),
      },
      ...{ containerPid: 1, chosen: true },
    }),
    sampleEpisode({
      ...{ episodeUs: killUs, tUs: killUs + 1_200, durationUs: 1_200, totalPages, candidates: [nginx, report] },
      choice: sampleChoice(nginx, { choiceUs: killUs + 800 }),
      trigger: sampleProcess({ ...inReport, pid: 3100, comm: 'report' }),
      triggerCgroup: cgroup(12, REPORT_PATH, 3_001, 'max'),
      victimCgroup: web,
      limitCgroup: cgroup(10, '/kubepods.slice', 4_096, 4_096 * MIB),
      limitAncestors: [],
      ...over,
    }),
  ];
}
