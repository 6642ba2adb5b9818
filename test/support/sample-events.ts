import type { CgroupMemory } from '../../src/events/cgroup.js';
import type { CgroupEvent } from '../../src/events/cgroup-life.js';
import type { Candidate, EpisodeEvent, OomChoice } from '../../src/events/episode.js';
import type { GapEvent } from '../../src/events/gap.js';
import type { IdentityEvent } from '../../src/events/identity.js';
import type { KillEvent } from '../../src/events/kill.js';
import type { KubeEvent } from '../../src/events/kube.js';
import type { LossEvent } from '../../src/events/loss.js';
import type { CgroupSample, MemorySampleEvent } from '../../src/events/memory-sample.js';
import type { CgroupStat, MemoryStatEvent } from '../../src/events/memory-stat.js';
import type { NearMissEvent } from '../../src/events/near-miss.js';
import type { NodeEvent } from '../../src/events/node.js';
import type { CgroupPressure, PressureEvent } from '../../src/events/pressure.js';
import type { ProcessFacts, ProcessMemory } from '../../src/events/process.js';
import type { ProcessRow, ProcessSampleEvent } from '../../src/events/process-sample.js';
import type { ReclaimEvent } from '../../src/events/reclaim.js';
import type { SessionEvent } from '../../src/events/session.js';
import type { ThrottleEvent } from '../../src/events/throttle.js';
import type { VictimEvent } from '../../src/events/victim.js';

/** Events with plausible values for tests; each takes what the test is about. */

export const MIB = 2 ** 20;
const PAGE_BYTES = 4096;
const START_US = 1_000_000_000;

export function sampleSession(over: Partial<SessionEvent> = {}): SessionEvent {
  return {
    topic: '/session',
    tUs: START_US - 1_000_000,
    bootId: '0f0e0d0c-0b0a-0908-0706-050403020100',
    hostname: 'node-1',
    kernelRelease: '6.12.0-test',
    machine: 'x86_64',
    pageSizeBytes: PAGE_BYTES,
    cpuCount: 2,
    memoryTotalBytes: 2048 * MIB,
    swapTotalBytes: 0,
    cgroupVersion: 2,
    clock: 'boot',
    anchorBootUs: START_US,
    anchorEpochUs: 1_700_000_000_000_000,
    oomscopeVersion: '0.1.0',
    attachMode: 'fentry',
    programs: [],
    missing: [],
    adopted: null,
    sampling: null,
    eviction: null,
    ...over,
  };
}

export function sampleProcess(over: Partial<ProcessFacts> = {}): ProcessFacts {
  const pid = over.pid ?? 812;
  return {
    pid,
    tid: pid,
    uid: 0,
    comm: 'hog',
    startUs: 500_000_000 + pid,
    adj: 0,
    cgroupId: 42,
    cgroupPath: '/lab/app',
    ...over,
  };
}

export function sampleCgroup(over: Partial<CgroupMemory> = {}): CgroupMemory {
  return {
    id: 42,
    path: '/lab/app',
    pathTruncated: false,
    level: 2,
    usageBytes: 100 * MIB,
    maxBytes: 100 * MIB,
    highBytes: 'max',
    swapBytes: 0,
    swapMaxBytes: 'max',
    swapIsMemsw: false,
    oomGroup: false,
    ...over,
  };
}

/** A candidate; its points are computed here, so that a scored one is consistent unless `points` is given. */
export function sampleCandidate(over: Partial<Candidate> = {}, totalPages = 25_600): Candidate {
  const status = over.status ?? 'scored';
  const candidate = {
    rssBytes: null,
    rssAnonBytes: 80 * MIB,
    rssFileBytes: 1 * MIB,
    rssShmemBytes: 0,
    swapBytes: 0,
    pageTableBytes: 200 * 1024,
    ...sampleProcess(over),
    uid: 0,
    adj: 0,
    status,
    ...over,
  };
  const pages = (bytes: number | null) => Math.floor((bytes ?? 0) / PAGE_BYTES);
  const { rssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes, adj } = candidate;
  const parts = [rssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes];
  const points = parts.reduce((sum: number, bytes) => sum + pages(bytes), adj * Math.floor(totalPages / 1000));
  return { points: status === 'scored' ? points : null, ...candidate };
}

export function sampleChoice(candidate: Candidate, over: Partial<OomChoice> = {}): OomChoice {
  const { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath } = candidate;
  return {
    process: { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath },
    choiceUs: START_US + 300,
    how: 'selected',
    points: candidate.points,
    score: null,
    ...over,
  };
}

/** A cgroup's own limit of 100 MiB kills hog (812), vector (99) is left. */
export function sampleEpisode(over: Partial<EpisodeEvent> = {}): EpisodeEvent {
  const hog = sampleCandidate();
  const vector = sampleCandidate({ pid: 99, comm: 'vector', rssAnonBytes: 16 * MIB });
  const candidates = over.candidates ?? [vector, hog];
  return {
    topic: '/oom/episode',
    tUs: START_US + 500,
    episodeUs: START_US,
    durationUs: 500,
    attachMode: 'fentry',
    trigger: sampleProcess(),
    triggerCgroup: sampleCgroup(),
    limitCgroup: sampleCgroup(),
    limitAncestors: [sampleCgroup({ id: 7, path: '/lab', level: 1, maxBytes: 'max' })],
    victimCgroup: sampleCgroup(),
    constraint: 'memcg',
    sysrq: false,
    gfpMask: 0xcc0,
    order: 0,
    nodemask: null,
    totalPages: 25_600,
    pageSizeBytes: PAGE_BYTES,
    outcome: 'killed',
    choice: sampleChoice(hog),
    candidates,
    candidatesSeen: candidates.length,
    candidatesLost: 0,
    kernelThreadsSkipped: 0,
    recordsLost: 0,
    approximations: [],
    ...over,
  };
}

export function sampleVictim(over: Partial<VictimEvent> = {}): VictimEvent {
  const step = over.step ?? 'marked';
  return {
    topic: '/oom/victim',
    tUs: START_US + 400,
    step,
    episodeUs: START_US,
    tid: 812,
    process: sampleProcess(),
    memory: {
      rssBytes: null,
      rssAnonBytes: step === 'exited' ? 0 : 80 * MIB,
      rssFileBytes: step === 'exited' ? 0 : MIB,
      rssShmemBytes: 0,
      swapBytes: 0,
      pageTableBytes: step === 'exited' ? 0 : 200 * 1024,
    },
    sigkilled: step === 'marked' ? true : null,
    chosen: step === 'marked' ? true : null,
    memorySharedBy: step === 'exited' ? 0 : null,
    commandLine: step === 'delivered' ? 'hog --anon 80M' : null,
    containerPid: null,
    ...over,
  };
}

/** The pod of an app and its sidecar. */
export function sampleIdentity(over: Partial<IdentityEvent> = {}): IdentityEvent {
  return {
    topic: '/identity',
    tUs: START_US - 500_000,
    podUid: '3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
    namespace: 'shop',
    pod: 'web-1',
    containers: [
      { id: 'a'.repeat(64), name: 'myapp', image: null, memoryLimitBytes: null },
      { id: 'b'.repeat(64), name: 'vector', image: null, memoryLimitBytes: null },
    ],
    labels: null,
    gone: false,
    unnamed: null,
    ...over,
  };
}

/** The same pod as the API server tells it, on a node that evicts another one. */
export function sampleKube(over: Partial<KubeEvent> = {}): KubeEvent {
  return {
    topic: '/kube',
    tUs: START_US - 400_000,
    node: 'node-1',
    obstacle: null,
    pods: [
      {
        uid: '3f1c9a52-7d1e-4a0b-9c55-0123456789ab',
        namespace: 'shop',
        name: 'web-1',
        owner: { kind: 'ReplicaSet', name: 'web' },
        containers: [
          { id: 'a'.repeat(64), name: 'myapp', requestBytes: 256 * MIB, limitBytes: 512 * MIB },
          { id: 'b'.repeat(64), name: 'vector', requestBytes: null, limitBytes: null },
        ],
      },
    ],
    conditions: [{ type: 'MemoryPressure', status: 'true', reason: 'KubeletHasInsufficientMemory' }],
    notices: [
      {
        kind: 'Pod',
        namespace: 'batch',
        name: 'job-7',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        atUs: 1_700_000_000_000_000,
        count: 1,
      },
    ],
    ...over,
  };
}

/** An earlyoom in a cgroup of its own ends hog (812). */
export function sampleKill(over: Partial<KillEvent> = {}): KillEvent {
  const step = over.step ?? 'sent';
  const earlyoom = sampleProcess({ pid: 50, comm: 'earlyoom', cgroupId: 8, cgroupPath: '/system/earlyoom' });
  return {
    topic: '/kill',
    tUs: START_US,
    step,
    killUs: START_US,
    how: 'signal',
    signal: 'SIGKILL',
    sender:
      step === 'sent'
        ? { process: earlyoom, commandLine: '/usr/bin/earlyoom -r 3600', parentPid: 1, parentComm: 'systemd' }
        : null,
    target: sampleProcess(),
    memory: step === 'sent' ? HELD : null,
    commandLine: step === 'delivered' ? 'hog --anon 80M' : null,
    killedCgroup: null,
    ...over,
  };
}

const HELD: ProcessMemory = {
  rssBytes: null,
  rssAnonBytes: 80 * MIB,
  rssFileBytes: MIB,
  rssShmemBytes: 0,
  swapBytes: 0,
  pageTableBytes: 200 * 1024,
};

export function sampleLoss(over: Partial<LossEvent> = {}): LossEvent {
  return {
    topic: '/loss',
    tUs: START_US,
    where: 'ring-ballot',
    count: 3,
    meaning: 'Three candidates are missing.',
    ...over,
  };
}

export function sampleCgroupLife(over: Partial<CgroupEvent> = {}): CgroupEvent {
  return { topic: '/cgroup', tUs: START_US, change: 'present', id: 42, path: '/lab/app', level: 2, ...over };
}

export function sampleCgroupSample(over: Partial<CgroupSample> = {}): CgroupSample {
  return {
    id: 42,
    usageBytes: 90 * MIB,
    swapBytes: 0,
    maxBytes: 100 * MIB,
    highBytes: 'max',
    lowBytes: 0,
    minBytes: 0,
    ...over,
  };
}

export function sampleMemorySample(over: Partial<MemorySampleEvent> = {}): MemorySampleEvent {
  const cgroups = over.cgroups ?? [sampleCgroupSample()];
  return {
    topic: '/memory/sample',
    tUs: START_US,
    kind: 'full',
    intervalUs: 1_000_000,
    cgroupsRead: cgroups.length,
    ...over,
    cgroups,
  };
}

export function sampleCgroupStat(over: Partial<CgroupStat> = {}): CgroupStat {
  return {
    id: 42,
    anonBytes: 60 * MIB,
    fileBytes: 20 * MIB,
    activeFileBytes: 5 * MIB,
    inactiveFileBytes: 15 * MIB,
    mappedFileBytes: MIB,
    dirtyFileBytes: 0,
    writebackFileBytes: 0,
    shmemBytes: 0,
    kernelBytes: 10 * MIB,
    slabReclaimableBytes: 2 * MIB,
    slabUnreclaimableBytes: 3 * MIB,
    pageTableBytes: 2 * MIB,
    sockBytes: 0,
    unevictableBytes: 0,
    swapBytes: 0,
    zswapBytes: null,
    workingSetBytes: 75 * MIB,
    ...over,
  };
}

export function sampleMemoryStat(over: Partial<MemoryStatEvent> = {}): MemoryStatEvent {
  const counts = { id: 42, low: 0, high: 0, max: 3, oom: 0, oomKill: 0, oomGroupKill: 0 };
  return {
    topic: '/memory/stat',
    tUs: START_US,
    cgroups: [sampleCgroupStat()],
    events: [counts],
    eventsLocal: [counts],
    ...over,
  };
}

export function sampleNode(over: Partial<NodeEvent> = {}): NodeEvent {
  return {
    topic: '/node',
    tUs: START_US,
    memTotalBytes: 2048 * MIB,
    memFreeBytes: 900 * MIB,
    memAvailableBytes: 1200 * MIB,
    kubeletAvailableBytes: 1100 * MIB,
    buffersBytes: 10 * MIB,
    cachedBytes: 400 * MIB,
    activeAnonBytes: 300 * MIB,
    inactiveAnonBytes: 100 * MIB,
    activeFileBytes: 150 * MIB,
    inactiveFileBytes: 250 * MIB,
    unevictableBytes: 0,
    anonBytes: 400 * MIB,
    mappedBytes: 80 * MIB,
    shmemBytes: 5 * MIB,
    dirtyBytes: 0,
    writebackBytes: 0,
    slabReclaimableBytes: 40 * MIB,
    slabUnreclaimableBytes: 60 * MIB,
    kernelStackBytes: 5 * MIB,
    pageTableBytes: 6 * MIB,
    percpuBytes: 2 * MIB,
    hugetlbBytes: 0,
    committedBytes: 900 * MIB,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
    swapCachedBytes: 0,
    activity: {
      spanUs: 1_000_000,
      directScannedBytes: 0,
      directFreedBytes: 0,
      kswapdScannedBytes: 0,
      kswapdFreedBytes: 0,
      swapInBytes: 0,
      swapOutBytes: 0,
      fileRefaultBytes: 0,
      allocStalls: 0,
      majorFaults: 3,
      oomKills: 0,
    },
    ...over,
  };
}

export function sampleCgroupPressure(over: Partial<CgroupPressure> = {}): CgroupPressure {
  return { id: 42, spanUs: 1_000_000, someUs: 120_000, fullUs: 100_000, stallUs: 240_000, stalls: 31, ...over };
}

export function samplePressure(over: Partial<PressureEvent> = {}): PressureEvent {
  return {
    topic: '/pressure',
    tUs: START_US,
    node: { spanUs: 1_000_000, someUs: 60_000, fullUs: 20_000 },
    cgroups: [sampleCgroupPressure()],
    ...over,
  };
}

export function sampleReclaim(over: Partial<ReclaimEvent> = {}): ReclaimEvent {
  return {
    topic: '/reclaim',
    tUs: START_US,
    cgroups: [
      {
        id: 42,
        spanUs: 1_000_000,
        runs: 12,
        reclaimUs: 90_000,
        askedBytes: 12 * 128 * 1024,
        freedBytes: 5 * 128 * 1024,
        latencyCounts: [0, 0, 0, 2, 10],
      },
    ],
    kswapd: { spanUs: 1_000_000, runs: 1, activeUs: 400 },
    ...over,
  };
}

export function sampleThrottle(over: Partial<ThrottleEvent> = {}): ThrottleEvent {
  const cgroups = [{ id: 42, spanUs: 1_000_000, sleeps: 4, sleepUs: 350_000 }];
  return { topic: '/throttle', tUs: START_US, cgroups, ...over };
}

export function sampleNearMiss(over: Partial<NearMissEvent> = {}): NearMissEvent {
  return {
    topic: '/near-miss',
    tUs: START_US,
    cgroupId: 42,
    what: 'max-events',
    spanUs: 10_000_000,
    count: 120,
    throttledUs: null,
    ...over,
  };
}

export function sampleGap(over: Partial<GapEvent> = {}): GapEvent {
  return { topic: '/gap', tUs: START_US, fromUs: START_US - 80_000, intervalUs: 10_000, ticksMissed: 7, ...over };
}

export function sampleProcessRow(over: Partial<ProcessRow> = {}): ProcessRow {
  const { pid, uid, comm, startUs, adj, cgroupId, status, ...memory } = sampleCandidate(over as Partial<Candidate>);
  const { rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes } = memory;
  return {
    ...{ pid, uid, comm, startUs, adj, cgroupId },
    ...{ rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes, status },
  };
}

export function sampleProcessSample(over: Partial<ProcessSampleEvent> = {}): ProcessSampleEvent {
  return {
    topic: '/process',
    tUs: START_US,
    whyProc: null,
    processesSeen: 1,
    limitsSeen: 1,
    ramBytes: 2_048 * MIB,
    swapTotalBytes: 0,
    swappiness: 60,
    processes: [sampleProcessRow()],
    cgroups: [{ id: 42, maxBytes: 100 * MIB, swapMaxBytes: 'max', oomGroup: false }],
    ...over,
  };
}
