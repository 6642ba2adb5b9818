import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleKill,
  sampleProcess,
} from '../../test/support/sample-events.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { KillEvent, KillSender } from '../events/kill.js';
import type { Cause } from './cause.js';
import { type CauseFinding, type Confidence, findCause } from './cause-evidence.js';
import {
  findKillCause,
  type KubeletMemory,
  type UserKillCause,
  type UserKillFinding,
  userKillSentence,
  userKills,
} from './user-kill.js';

/** What each cause is told by, and how sure it is; the scenes are as alike as can be. */
interface Told<Scene> {
  readonly scenes: Readonly<Partial<Record<Confidence, Scene>>>;
  /** All clauses of the evidence, joined, wherever it is told. */
  readonly evidence: RegExp;
}

const hog = sampleCandidate({ comm: 'hog', cgroupId: 5, cgroupPath: '/pods/app' });
const own = sampleCgroup({ id: 5, path: '/pods/app', level: 2 });
const above = sampleCgroup({ id: 4, path: '/pods', level: 1 });
const nodeWide: Partial<EpisodeEvent> = { limitCgroup: null, constraint: 'none' };

const KERNEL: { readonly [Kind in Cause['kind']]: Told<Partial<EpisodeEvent>> } = {
  'own-limit': {
    scenes: { certain: { limitCgroup: own } },
    evidence: /ran the OOM killer for \/pods\/app, which held 100 MiB of 100 MiB\|the victim is a member of that very/,
  },
  'ancestor-limit': {
    scenes: { certain: { limitCgroup: above } },
    evidence: /ran the OOM killer for \/pods, .*\|the victim is in a cgroup below it/,
  },
  // Nobody was chosen; or of a log only the kernel's constraint is there.
  'cgroup-limit': {
    scenes: {
      certain: { limitCgroup: own, choice: null },
      likely: { limitCgroup: null, constraint: 'memcg' },
    },
    evidence: /ran the OOM killer for \/pods\/app|the kernel's constraint was memcg/,
  },
  'node-wide': {
    // Without the kernel's own word it follows from there being no limit cgroup.
    scenes: { certain: nodeWide, likely: { ...nodeWide, constraint: null } },
    evidence: /the kernel's constraint was none|asked for the memory/,
  },
  cpuset: {
    scenes: { certain: { ...nodeWide, constraint: 'cpuset', nodemask: [1] } },
    evidence: /the kernel's constraint was cpuset/,
  },
  'memory-policy': {
    scenes: { certain: { ...nodeWide, constraint: 'memory-policy', nodemask: [1] } },
    evidence: /the kernel's constraint was memory-policy/,
  },
  sysrq: { scenes: { certain: { ...nodeWide, sysrq: true } }, evidence: /asked by sysrq-f: the request has order −1/ },
  // A log that was cut before the report's beginning.
  unknown: {
    scenes: { inferred: { ...nodeWide, constraint: null, attachMode: 'log', trigger: null } },
    evidence: /^$/,
  },
};

const CONTAINER = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c.slice/cri-containerd-app.scope';
const LINE = { lineBytes: 100 * MIB };

interface UserScene {
  readonly event: Partial<KillEvent>;
  readonly memory?: KubeletMemory;
}

function sender(comm: string, cgroupPath: string, over: Partial<KillSender> = {}): KillSender {
  const process = sampleProcess({ pid: 50, comm, cgroupPath });
  return { process, commandLine: null, parentPid: 1, parentComm: 'systemd', ...over };
}

/** By its name alone, which anybody may take; by its unit, or its program, which nobody has by chance. */
function guard(name: string): Told<UserScene> {
  return {
    scenes: {
      likely: { event: { sender: sender(name, '/user.slice') } },
      certain: { event: { sender: sender(name, `/system.slice/${name}.service`) } },
    },
    evidence: new RegExp(`^${name} \\(pid 50\\) in .*sent SIGKILL(?:\\|its cgroup is .*/${name}\\.service)?$`),
  };
}

const target = sampleProcess({ comm: 'java', cgroupPath: CONTAINER });
const runc = sender('runc', '/system.slice/containerd.service', { parentComm: 'containerd-shim' });

const USER: { readonly [Kind in UserKillCause['kind']]: Told<UserScene> } = {
  'systemd-oomd': guard('systemd-oomd'),
  earlyoom: guard('earlyoom'),
  oomd: guard('oomd'),
  nohang: guard('nohang'),
  eviction: {
    scenes: { likely: { event: { sender: runc, target }, memory: { ...LINE, availableBytes: LINE.lineBytes } } },
    evidence:
      /runc is a container runtime\|.*only kubelet has stopped\|memory.available was 100 MiB, the hard .* is 100/,
  },
  'runtime-stop': {
    scenes: {
      certain: { event: { sender: runc, target: { ...target, cgroupPath: `/docker/${'ab12'.repeat(16)}` } } },
      likely: { event: { sender: runc, target }, memory: { ...LINE, availableBytes: LINE.lineBytes + 1 } },
      inferred: { event: { sender: runc, target } },
    },
    evidence: /runc is a container runtime/,
  },
  'cgroup-kill': {
    scenes: {
      certain: {
        event: { how: 'cgroup-kill', killedCgroup: { id: 7, path: '/lab' }, sender: sender('sh', '/user.slice') },
      },
    },
    evidence: /wrote to cgroup.kill\|1 was written to cgroup.kill of \/lab/,
  },
  'plain-signal': {
    scenes: { certain: { event: { sender: sender('bash', '/user.slice', { parentComm: 'sshd' }) } } },
    evidence: /^bash \(pid 50\) in \/user.slice, started by sshd \(pid 1\), sent SIGKILL$/,
  },
  unknown: { scenes: { inferred: { event: { step: 'exited' } } }, evidence: /^$/ },
};

function byKernel(scene: Partial<EpisodeEvent>): CauseFinding {
  return findCause(sampleEpisode({ candidates: [hog], choice: sampleChoice(hog), trigger: hog, ...scene }));
}

function byUser({ event, memory }: UserScene): UserKillFinding {
  const [kill] = userKills([sampleKill(event)]);
  if (kill === undefined) throw new Error('no kill');
  const finding = findKillCause(kill, memory ?? null);
  // Nobody may take it for the kernel's.
  expect(userKillSentence(kill, finding)).toContain("The kernel's OOM killer had no part in it.");
  return finding;
}

const EVERY = [
  ...Object.entries(KERNEL).flatMap(([kind, { scenes, evidence }]) =>
    Object.entries(scenes).map(([confidence, scene]) => ({
      ...{
        who: 'the kernel',
        kind,
        confidence,
        evidence,
        find: () => byKernel(scene) as CauseFinding | UserKillFinding,
      },
    })),
  ),
  ...Object.entries(USER).flatMap(([kind, { scenes, evidence }]) =>
    Object.entries(scenes).map(([confidence, scene]) => ({
      ...{ who: 'user space', kind, confidence, evidence, find: () => byUser(scene) as CauseFinding | UserKillFinding },
    })),
  ),
];

describe.each(EVERY)('$kind by $who, where it is $confidence', ({ kind, confidence, evidence, find }) => {
  it('is told as such and as nothing else, with how sure that is and by what', () => {
    const found = find();
    expect(found.cause.kind).toBe(kind);
    expect(found.confidence).toBe(confidence);
    expect(found.evidence.join('|')).toMatch(evidence);
  });
});

describe('the causes', () => {
  it('each have a scene for each confidence with which they can be told', () => {
    const told = EVERY.map(({ who, kind, confidence }) => `${who}: ${kind} ${confidence}`);
    expect(told).toHaveLength(new Set(told).size);
    expect(EVERY.length).toBeGreaterThanOrEqual(Object.keys(KERNEL).length + Object.keys(USER).length);
  });

  it('of the kernel: sysrq comes before whatever the request looks like, and a limit before the constraint', () => {
    expect(byKernel({ sysrq: true, constraint: 'cpuset', limitCgroup: null }).cause.kind).toBe('sysrq');
    expect(byKernel({ limitCgroup: own, constraint: 'none' }).cause.kind).toBe('own-limit');
  });

  it('of user space: a guard of memory that is called by a shell is not the guard, nor is one whose name begins alike', () => {
    const child = sender('sleep', '/system.slice/earlyoom.service', { parentComm: 'earlyoom' });
    expect(byUser({ event: { sender: child } }).cause.kind).toBe('plain-signal');
    expect(byUser({ event: { sender: sender('oomd-test', '/user.slice') } }).cause.kind).toBe('plain-signal');
  });

  it('of user space: a runtime that ends no container, and a container that ends its neighbour, send plain signals', () => {
    const outside = { sender: runc, target: sampleProcess({ cgroupPath: '/user.slice' }) };
    expect(byUser({ event: outside }).cause.kind).toBe('plain-signal');
    expect(byUser({ event: { sender: sender('runc', CONTAINER), target } }).cause.kind).toBe('plain-signal');
  });
});
