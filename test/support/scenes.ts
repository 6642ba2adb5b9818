import type { CgroupMemory } from '../../src/events/cgroup.js';
import type { Candidate, EpisodeEvent } from '../../src/events/episode.js';
import type { OomscopeEvent } from '../../src/events/event.js';
import type { SessionEvent } from '../../src/events/session.js';
import type { VictimEvent } from '../../src/events/victim.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from './sample-events.js';

/** Whole kills as they happen on a node, for tests of what people see. */

const KIBIBYTES = 1024;
const GIB = 1024 * MIB;

/** A session of a node that boots at 2023-11-14; `sampleSession` anchors there. */
export function sceneSession(over: Partial<SessionEvent> = {}): SessionEvent {
  const names = ['out_of_memory', 'oom_badness', 'oom_evaluate_task', 'oom_kill_process', 'mark_oom_victim'];
  return sampleSession({
    hostname: 'worker-7',
    kernelRelease: '6.12.17-amd64',
    memoryTotalBytes: 32 * GIB,
    programs: names.map((name) => ({ name: `fentry_${name}`, state: 'attached', reason: null })),
    ...over,
  });
}

/** The sidecar dies though the app grew: a higher oom_score_adj decides. */
export function sidecarKill(startUs: number): OomscopeEvent[] {
  const pod = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c.slice';
  const totalPages = 1_048_576;
  const in1 = { cgroupId: 301, cgroupPath: `${pod}/cri-containerd-app.scope` };
  const in2 = { cgroupId: 302, cgroupPath: `${pod}/cri-containerd-vector.scope` };
  const candidate = (over: Partial<Candidate>) => sampleCandidate(over, totalPages);
  const app = candidate({
    ...in1,
    pid: 4711,
    comm: 'myapp',
    rssAnonBytes: 2_790 * MIB,
    rssFileBytes: 41 * MIB,
    rssShmemBytes: 96 * MIB,
    pageTableBytes: 6_640 * KIBIBYTES,
    adj: 280,
  });
  const vector = candidate({
    ...in2,
    pid: 4790,
    comm: 'vector',
    rssAnonBytes: 212 * MIB,
    rssFileBytes: 58 * MIB,
    swapBytes: 31 * MIB,
    pageTableBytes: 900 * KIBIBYTES,
    adj: 1000,
  });
  const pause = candidate({
    pid: 4602,
    comm: 'pause',
    cgroupId: 300,
    cgroupPath: `${pod}/cri-containerd-pause.scope`,
    rssAnonBytes: 40 * KIBIBYTES,
    rssFileBytes: 0,
    pageTableBytes: 28 * KIBIBYTES,
    adj: -998,
  });
  const cgroup = (over: Partial<CgroupMemory>) => sampleCgroup({ ...over });
  return kill(startUs, {
    candidates: [pause, app, vector],
    totalPages,
    victim: vector,
    trigger: sampleProcess({ pid: 4711, tid: 4719, comm: 'myapp', ...in1 }),
    triggerCgroup: cgroup({ id: 301, path: in1.cgroupPath, level: 4, usageBytes: 2_935 * MIB, maxBytes: 'max' }),
    victimCgroup: cgroup({ id: 302, path: in2.cgroupPath, level: 4, usageBytes: 290 * MIB, maxBytes: 'max' }),
    limitCgroup: cgroup({ id: 30, path: '/kubepods.slice', level: 1, usageBytes: 4 * GIB, maxBytes: 4 * GIB }),
    limitAncestors: [cgroup({ id: 1, path: '/', level: 0, usageBytes: null, maxBytes: null })],
  });
}

/** The node is full; many are passed over, and those who are protected show a negative share. */
export function nodeKill(startUs: number): OomscopeEvent[] {
  const totalPages = 8_388_608;
  const candidate = (pid: number, comm: string, anonMib: number, adj: number, over: Partial<Candidate> = {}) =>
    sampleCandidate(
      {
        pid,
        comm,
        adj,
        cgroupId: pid,
        cgroupPath: `/system.slice/${comm}.service`,
        rssAnonBytes: anonMib * MIB,
        rssFileBytes: 12 * MIB,
        pageTableBytes: 400 * KIBIBYTES,
        ...over,
      },
      totalPages,
    );
  const agent = candidate(892, 'legacy-agent', 14_336, 0, { rssShmemBytes: 2_048 * MIB, pageTableBytes: 29 * MIB });
  const candidates = [
    candidate(1, 'systemd', 9, 0, { status: 'skipped-init' }),
    candidate(411, 'systemd-udevd', 4, -1000, { status: 'skipped-adj-min' }),
    candidate(620, 'containerd', 118, -999),
    candidate(655, 'kubelet', 141, -999),
    candidate(700, 'sshd', 3, -1000, { status: 'skipped-adj-min' }),
    agent,
    candidate(1502, 'postgres', 5_120, 0, { rssShmemBytes: 3_072 * MIB, swapBytes: 600 * MIB }),
    candidate(1733, 'java', 6_800, 0, { swapBytes: 1_100 * MIB }),
    candidate(1800, 'make', 2, 0, { status: 'skipped-vfork' }),
    candidate(1900, 'gone', 0, 0, { status: 'skipped-no-mm', rssFileBytes: 0, pageTableBytes: 0 }),
    candidate(2001, 'batch-report', 900, 500),
  ];
  return kill(startUs, {
    candidates,
    totalPages,
    victim: sorted(candidates)[0] ?? agent,
    trigger: sampleProcess({ pid: 1733, comm: 'java', cgroupId: 1733, cgroupPath: '/system.slice/java.service' }),
    triggerCgroup: null,
    victimCgroup: null,
    limitCgroup: null,
    limitAncestors: [],
    constraint: 'none',
  });
}

/** memory.oom.group: all members of the cgroup die with the chosen one. */
export function groupKill(startUs: number): OomscopeEvent[] {
  const limitCgroup = sampleCgroup({
    id: 77,
    path: '/lab/group',
    oomGroup: true,
    usageBytes: 256 * MIB,
    maxBytes: 256 * MIB,
  });
  const members = [1, 2, 3].map((n) =>
    sampleCandidate(
      { pid: 5000 + n, comm: `worker-${n}`, cgroupId: 77, cgroupPath: '/lab/group', rssAnonBytes: n * 40 * MIB },
      65_536,
    ),
  );
  const victim = members[2] ?? sampleCandidate();
  const events = kill(startUs, {
    candidates: members,
    totalPages: 65_536,
    victim,
    trigger: victim,
    triggerCgroup: limitCgroup,
    victimCgroup: limitCgroup,
    limitCgroup,
    limitAncestors: [sampleCgroup({ id: 7, path: '/lab', level: 1, usageBytes: 260 * MIB, maxBytes: 512 * MIB })],
  });
  const others = members.slice(0, 2).map((member) => marked(startUs, member, false));
  return [...others, ...events];
}

/** A ballot as long as a busy node's. */
export function hugeKill(startUs: number, count: number): OomscopeEvent[] {
  const candidates = Array.from({ length: count }, (_, n) =>
    sampleCandidate(
      {
        pid: 10_000 + n,
        comm: `task-${n}`,
        rssAnonBytes: (1 + ((n * 7_919) % count)) * 16 * KIBIBYTES,
        adj: n % 10 === 0 ? 100 : 0,
        cgroupPath: `/many/${n % 50}`,
      },
      2_000_000,
    ),
  );
  const victim = sorted(candidates)[0] ?? sampleCandidate();
  return kill(startUs, {
    candidates,
    totalPages: 2_000_000,
    victim,
    trigger: victim,
    triggerCgroup: null,
    victimCgroup: null,
    limitCgroup: null,
    limitAncestors: [],
    constraint: 'none',
  });
}

/** The steps of a victim after the episode. */
function aftermath(startUs: number, victim: Candidate): OomscopeEvent[] {
  const base = { episodeUs: startUs, tid: victim.tid, process: null, memory: null } as const;
  return [
    sampleVictim({ ...base, step: 'reaper-queued', tUs: startUs + 1_300 }),
    sampleVictim({
      ...base,
      step: 'exited',
      tUs: startUs + 39_000,
      process: sampleChoice(victim).process,
      memory: NOTHING,
      memorySharedBy: 0,
    }),
    sampleVictim({ ...base, step: 'reaper-skipped', tUs: startUs + 2_041_000 }),
  ];
}

const NOTHING = { rssBytes: null, rssAnonBytes: 0, rssFileBytes: 0, rssShmemBytes: 0, swapBytes: 0, pageTableBytes: 0 };

function sorted(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => (b.points ?? Number.NEGATIVE_INFINITY) - (a.points ?? Number.NEGATIVE_INFINITY));
}

function marked(startUs: number, candidate: Candidate, chosen: boolean): VictimEvent {
  const { rssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes } = candidate;
  return sampleVictim({
    tUs: startUs + 900,
    episodeUs: startUs,
    tid: candidate.tid,
    process: sampleChoice(candidate).process,
    memory: { rssBytes, rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes },
    chosen,
  });
}

function kill(
  startUs: number,
  { victim, ...over }: Partial<EpisodeEvent> & { readonly victim: Candidate },
): OomscopeEvent[] {
  return [
    marked(startUs, victim, true),
    sampleEpisode({
      ...over,
      episodeUs: startUs,
      tUs: startUs + 1_200,
      durationUs: 1_200,
      choice: sampleChoice(victim, { choiceUs: startUs + 800 }),
    }),
    ...aftermath(startUs, victim),
  ];
}
