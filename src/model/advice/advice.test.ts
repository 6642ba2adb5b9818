import { describe, expect, it } from 'vitest';
import { point, ramp, track } from '../../../test/support/memory-tracks.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { Candidate, EpisodeEvent } from '../../events/episode.js';
import type { MemoryTrack } from '../growth.js';
import type { Incident, IncidentVictim } from '../model.js';
import { judge } from '../verdict.js';
import { RULES, type RuleName } from './advice.js';

const END_US = sampleEpisode().episodeUs;
const POD = '/kubepods/burstable/pod1';

interface Case {
  readonly candidates?: readonly Candidate[];
  readonly victim?: Candidate;
  readonly episode?: Partial<EpisodeEvent>;
  readonly tracks?: readonly MemoryTrack[];
  readonly victims?: readonly IncidentVictim[];
  /** Kills of the same before this one, µs earlier. */
  readonly before?: readonly { readonly agoUs: number; readonly victim?: Candidate }[];
}

const process = (comm: string, anonMib: number, cgroupPath: string, over: Partial<Candidate> = {}) =>
  sampleCandidate({
    ...{ pid: 100 + comm.length, comm, cgroupPath, cgroupId: cgroupPath.length, rssAnonBytes: anonMib * MIB },
    ...over,
  });
const cgroup = (path: string, over: Partial<CgroupMemory> = {}) =>
  sampleCgroup({ id: path.length, path, maxBytes: 'max', ...over });

const app = process('myapp', 60, `${POD}/app`);
const vector = process('vector', 10, `${POD}/vector`, { adj: 999 });
const pods = cgroup('/kubepods', { level: 1, maxBytes: 100 * MIB });

/** vector dies by the limit of all pods, though the app holds more. */
const sidecar: Case = {
  candidates: [app, vector],
  victim: vector,
  episode: { limitCgroup: pods, triggerCgroup: cgroup(`${POD}/app`), victimCgroup: cgroup(`${POD}/vector`) },
};
const appGrew = ramp(`${POD}/app`, 10 * MIB, 60 * MIB, END_US, 5);

/** hog dies by the limit of its own cgroup. */
const own = cgroup('/lab/app', { maxBytes: 100 * MIB });
const hog = process('hog', 80, '/lab/app');
const ownLimit: Case = {
  candidates: [hog],
  victim: hog,
  episode: { limitCgroup: own, victimCgroup: own, triggerCgroup: own },
  tracks: [ramp('/lab/app', 5 * MIB, 80 * MIB, END_US, 4)],
};

const agent = process('agent', 900, '/system.slice/agent.service');
const nodeWide: Case = {
  candidates: [app, vector, agent],
  victim: agent,
  episode: { limitCgroup: null, victimCgroup: null, triggerCgroup: null, constraint: 'none' },
};

const NOTHING = { rssBytes: null, rssAnonBytes: 0, rssFileBytes: 0, rssShmemBytes: 0, swapBytes: 0, pageTableBytes: 0 };
function ended(memory: Partial<typeof NOTHING>, memorySharedBy = 0): IncidentVictim {
  const held = { ...NOTHING, ...memory };
  const left = memorySharedBy > 0 ? held : NOTHING;
  return {
    tid: 812,
    steps: [sampleVictim({ memory: held }), sampleVictim({ step: 'exited', memory: left, memorySharedBy })],
  };
}

const CASES = {
  'limit-the-culprit': {
    fires: { ...sidecar, tracks: [appGrew] },
    // The same growth of an app that has a limit.
    not: {
      ...sidecar,
      episode: { ...sidecar.episode, triggerCgroup: cgroup(`${POD}/app`, { maxBytes: 80 * MIB }) },
      tracks: [appGrew],
    },
    evidence: /grew 50 MiB[^|]*\|.*no limit/,
    change: /limits:\n {4}memory: 55Mi/,
  },
  'limit-the-largest': {
    fires: sidecar,
    // With a timeline it is known who grew: nothing is said of who is merely large.
    not: { ...sidecar, tracks: [ramp(`${POD}/vector`, 1 * MIB, 10 * MIB, END_US, 5)] },
    evidence: /held 60 MiB.*no limit/,
    change: /memory: 60Mi/,
  },
  'reserve-for-the-system': {
    fires: { ...nodeWide, tracks: [ramp('/system.slice/agent.service', 100 * MIB, 900 * MIB, END_US, 9)] },
    // The one that grew is a pod.
    not: { ...nodeWide, tracks: [ramp(`${POD}/app`, 100 * MIB, 900 * MIB, END_US, 9)] },
    evidence: /outside kubepods, and 2 processes of pods/,
    change: /--system-reserved=memory=900Mi/,
  },
  'protected-holder': {
    fires: { candidates: [process('db', 300, '/db', { adj: -999 }), vector], victim: vector },
    // Protected as well, but it holds little.
    not: { candidates: [process('db', 3, '/db', { adj: -999 }), vector], victim: vector },
    evidence: /300 MiB.*\|its oom_score_adj is −999/,
    change: null,
  },
  'leak-or-limit': {
    fires: ownLimit,
    // It grew as much, in shared memory: no leak of the process.
    not: { ...ownLimit, tracks: [track('/lab/app', [point(END_US - 4e6), point(END_US, { shmemBytes: 75 * MIB })])] },
    evidence: /grew 75 MiB.*18\.\d MiB\/s/,
    change: null,
  },
  'bound-the-shmem': {
    fires: { ...ownLimit, tracks: [track('/lab/app', [point(END_US - 4e6), point(END_US, { shmemBytes: 75 * MIB })])] },
    // Page cache stands in the same line of memory.stat, and can be reclaimed.
    not: {
      ...ownLimit,
      tracks: [track('/lab/app', [point(END_US - 4e6), point(END_US, { fileBytes: 75 * MIB, anonBytes: 2 * MIB })])],
    },
    evidence: /75 MiB of it shmem/,
    change: /remount,size/,
  },
  'widen-the-nodes': {
    fires: { ...nodeWide, episode: { ...nodeWide.episode, constraint: 'memory-policy', nodemask: [1] } },
    not: nodeWide,
    evidence: /memory-policy \(nodes 1\)/,
    change: null,
  },
  'lower-the-victims-adj': {
    fires: sidecar,
    // Its adj is as high; it would have died without as well.
    not: { ...sidecar, candidates: [process('myapp', 5, `${POD}/app`), vector] },
    evidence: /added 24,975 points\|with 511 or less myapp \(pid 105\) would have died\|this node has 2 GiB/,
    // 2 GiB × (1000 − 511) / 1000, rounded up to mebibytes.
    change: /requests:\n {4}memory: 1002Mi/,
  },
  'futile-kill': {
    fires: { ...ownLimit, victims: [ended({ rssShmemBytes: 99 * MIB, rssAnonBytes: MIB })] },
    not: { ...ownLimit, victims: [ended({ rssAnonBytes: 99 * MIB, rssShmemBytes: MIB })] },
    evidence: /1 MiB came back of 100 MiB.*99 MiB of it is shmem/,
    change: null,
  },
  'kill-the-group': {
    fires: { ...ownLimit, candidates: [hog, process('helper', 2, '/lab/app')] },
    // It has a neighbour in the next cgroup only.
    not: { ...ownLimit, candidates: [hog, process('helper', 2, '/lab/other')] },
    evidence: /not set there\|1 other process of it lived on: helper/,
    change: /echo 1 > \/sys\/fs\/cgroup\/lab\/app\/memory.oom.group/,
  },
  'alert-on-loops': {
    fires: { ...ownLimit, before: [{ agoUs: 60e6 }, { agoUs: 30e6 }] },
    // As many kills, of somebody else.
    not: { ...ownLimit, before: [{ agoUs: 60e6 }, { agoUs: 30e6, victim: process('other', 80, '/lab/app') }] },
    evidence: /3 times in 1 min 0 s/,
    change: /container_oom_events_total/,
  },
  'throttle-first': {
    fires: ownLimit,
    not: {
      ...ownLimit,
      episode: { ...ownLimit.episode, limitCgroup: { ...own, highBytes: 90 * MIB } },
    },
    evidence: /memory.high is max there/,
    change: /echo 90M > \/sys\/fs\/cgroup\/lab\/app\/memory.high/,
  },
} as const satisfies Readonly<Record<RuleName, { fires: Case; not: Case; evidence: RegExp; change: RegExp | null }>>;

function adviceIn({ candidates, victim, episode, tracks = [], victims = [], before = [] }: Case) {
  const incident = (startUs: number, dead: Candidate | undefined): Incident => ({
    id: String(startUs),
    startUs,
    victims,
    episode: sampleEpisode({
      ...(candidates === undefined ? {} : { candidates: [...candidates] }),
      ...(dead === undefined ? {} : { choice: sampleChoice(dead) }),
      ...episode,
    }),
  });
  const now = incident(END_US, victim);
  const incidents = [...before.map(({ agoUs, victim: other }) => incident(END_US - agoUs, other ?? victim)), now];
  return judge({ incident: now, incidents, session: sampleSession(), tracks }).advice;
}

describe.each(Object.keys(RULES) as RuleName[])('the advice %s', (rule) => {
  const { fires, not, evidence, change } = CASES[rule];

  it('is given where its evidence is, cites it and says what to change', () => {
    const advice = adviceIn(fires).find((some) => some.rule === rule);
    expect(advice?.evidence.join('|')).toMatch(evidence);
    if (change === null) expect(advice?.change).toBeNull();
    else expect(advice?.change).toMatch(change);
  });

  it('is not given in what lies close to it', () => {
    expect(adviceIn(not).map((some) => some.rule)).not.toContain(rule);
  });
});

describe('advice', () => {
  it('never comes without evidence', () => {
    for (const { fires, not } of Object.values(CASES)) {
      for (const advice of [...adviceIn(fires), ...adviceIn(not)]) expect(advice.evidence.length).toBeGreaterThan(0);
    }
  });

  it('for the shell keeps a hostile name from being a command', () => {
    const evil = '/lab/a; reboot #\n$(id)';
    const limit = cgroup(evil, { maxBytes: 100 * MIB });
    const victim = process('hog', 80, evil);
    const episode = { limitCgroup: limit, victimCgroup: limit, triggerCgroup: limit };
    const [advice] = adviceIn({ candidates: [victim], victim, episode }).filter(
      ({ rule }) => rule === 'throttle-first',
    );
    expect(advice?.change).toBe(`echo 90M > '/sys/fs/cgroup/lab/a; reboot #\\x0a$(id)/memory.high'`);
  });
});
