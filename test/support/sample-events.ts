import type { CgroupMemory } from '../../src/events/cgroup.js';
import type { Candidate, EpisodeEvent, OomChoice } from '../../src/events/episode.js';
import type { LossEvent } from '../../src/events/loss.js';
import type { ProcessFacts } from '../../src/events/process.js';
import type { SessionEvent } from '../../src/events/session.js';
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
    anchorBootUs: START_US,
    anchorEpochUs: 1_700_000_000_000_000,
    oomscopeVersion: '0.1.0',
    attachMode: 'fentry',
    programs: [],
    missing: [],
    adopted: null,
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
  const memory = {
    rssAnonBytes: 80 * MIB,
    rssFileBytes: 1 * MIB,
    rssShmemBytes: 0,
    swapBytes: 0,
    pageTableBytes: 200 * 1024,
    ...sampleProcess(over),
    ...over,
  };
  const bytes = memory.rssAnonBytes + memory.rssFileBytes + memory.rssShmemBytes + memory.swapBytes;
  const points =
    bytes / PAGE_BYTES + Math.floor(memory.pageTableBytes / PAGE_BYTES) + memory.adj * Math.floor(totalPages / 1000);
  const status = over.status ?? 'scored';
  return { ...memory, status, points: status === 'scored' ? points : null, ...over };
}

export function sampleChoice(candidate: Candidate, over: Partial<OomChoice> = {}): OomChoice {
  const { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath } = candidate;
  return {
    process: { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath },
    choiceUs: START_US + 300,
    how: 'selected',
    points: candidate.points,
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
      rssAnonBytes: step === 'exited' ? 0 : 80 * MIB,
      rssFileBytes: step === 'exited' ? 0 : MIB,
      rssShmemBytes: 0,
      swapBytes: 0,
      pageTableBytes: step === 'exited' ? 0 : 200 * 1024,
    },
    sigkilled: step === 'marked' ? true : null,
    chosen: step === 'marked' ? true : null,
    memorySharedBy: step === 'exited' ? 0 : null,
    ...over,
  };
}

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
