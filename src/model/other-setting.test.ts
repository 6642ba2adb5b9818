import { describe, expect, it } from 'vitest';
import { flat, point, ramp, track } from '../../test/support/memory-tracks.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleSession,
} from '../../test/support/sample-events.js';
import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { choose } from './contest.js';
import type { MemoryTrack } from './growth.js';
import { burstableAdj } from './kubelet-adj.js';
import { judge, type Verdict } from './verdict.js';

const POD = '/kubepods/burstable/pod1';
const END_US = sampleEpisode().episodeUs;
const NODE_BYTES = sampleSession().memoryTotalBytes ?? 0;

const appWith = (over: Partial<Candidate> = {}) =>
  sampleCandidate({ pid: 10, comm: 'myapp', cgroupPath: `${POD}/app`, rssAnonBytes: 60 * MIB, ...over });
const vectorWith = (over: Partial<Candidate> = {}) =>
  sampleCandidate({
    ...{ pid: 11, comm: 'vector', cgroupPath: `${POD}/vector`, rssAnonBytes: 10 * MIB, adj: 999, ...over },
  });
const app = appWith();
const vector = vectorWith();

function kill(candidates: readonly Candidate[], victim: Candidate, over: Partial<EpisodeEvent> = {}): EpisodeEvent {
  return sampleEpisode({
    ...{ candidates: [...candidates], choice: sampleChoice(victim), trigger: app, victimCgroup: null },
    triggerCgroup: sampleCgroup({ id: 10, path: `${POD}/app`, maxBytes: 'max', usageBytes: 90 * MIB }),
    limitCgroup: sampleCgroup({ id: 9, path: '/kubepods', level: 1 }),
    ...over,
  });
}

/** The app grew; it holds 20 MiB of page cache as well. */
const grown = (() => {
  const line = ramp(`${POD}/app`, 10 * MIB, 60 * MIB, END_US, 5);
  return { ...line, points: line.points.map((at) => ({ ...at, usageBytes: (at.usageBytes ?? 0) + 20 * MIB })) };
})();
const tracks = [grown, flat(`${POD}/vector`, 10 * MIB, END_US, 5)];

function verdictOn(episode: EpisodeEvent, of: readonly MemoryTrack[] = tracks): Verdict {
  const incident = { id: '1', startUs: END_US, episode, victims: [] };
  return judge({ incident, incidents: [incident], session: sampleSession(), tracks: of });
}

describe('another limit on the culprit', () => {
  it('below what it held for good would have been hit first, and only its own processes could have died', () => {
    const { otherLimit, otherwise } = verdictOn(kill([app, vector], vector));
    // Not below its usage: of the page cache in it reclaim would have made room.
    expect(otherLimit).toMatchObject({ path: `${POD}/app`, belowBytes: 60 * MIB, recordedBytes: 'max', certain: true });
    expect(otherLimit?.victim?.comm).toBe('myapp');
    expect(otherwise).toContain(
      `With a memory limit below 60 MiB on ${POD}/app (it has none) its own cgroup would have been hit first, and only its own ` +
        'processes could have died: myapp (pid 10).',
    );
  });

  it('weighs its processes by that limit, and says that it goes by what they held', () => {
    // Of 60 MiB an adj of 500 is 30 MiB: the helper stays behind. Of the 100 MiB above, 50 MiB: it would be ahead.
    const helper = appWith({ pid: 12, comm: 'helper', rssAnonBytes: 25 * MIB, adj: 500 });
    const { otherLimit, otherwise } = verdictOn(kill([app, helper, vector], vector));
    expect(otherLimit).toMatchObject({ certain: false, victim: { comm: 'myapp' } });
    expect(otherwise.join()).toContain('could have died: by what they held, myapp (pid 10).');
  });

  it('that has one tells which; where nobody in it can be killed, that', () => {
    const triggerCgroup = sampleCgroup({ id: 10, path: `${POD}/app`, maxBytes: 80 * MIB });
    const immune = appWith({ adj: -1000, status: 'skipped-adj-min', points: null });
    const { otherwise } = verdictOn(kill([immune, vector], vector, { triggerCgroup }));
    expect(otherwise.join()).toContain(
      '(it has 80 MiB) its own cgroup would have been hit first, and nobody in it could',
    );
  });

  it('is not told where it changes nothing, or nobody is known to have grown', () => {
    expect(verdictOn(kill([app, vector], app)).otherLimit).toBeNull();
    expect(verdictOn(kill([app, vector], vector), []).otherLimit).toBeNull();
    const cache = track(`${POD}/app`, [point(END_US - 5e6), point(END_US, { fileBytes: 60 * MIB })]);
    expect(verdictOn(kill([app, vector], vector), [cache]).otherLimit).toBeNull();
    expect(verdictOn(kill([app, vector], vector, { candidatesLost: 1 })).otherLimit).toBeNull();
  });
});

describe('another request of the victim', () => {
  it('is just enough: with it another one dies, and with a byte less the same', () => {
    const episode = kill([app, vector], vector);
    const { otherRequest, counterfactuals, otherwise } = verdictOn(episode);
    if (otherRequest === null || counterfactuals.kind === 'unknown') throw new Error('nothing is told');
    const diesWith = (requestBytes: number) => {
      const adj = new Map([[vector, burstableAdj(requestBytes, NODE_BYTES)]]);
      return choose(counterfactuals.contest, { adj })?.comm ?? null;
    };
    expect(otherRequest.victim?.comm).toBe('myapp');
    expect(diesWith(otherRequest.bytes)).toBe('myapp');
    expect(diesWith(otherRequest.bytes + 500 * MIB)).toBe('myapp');
    expect(diesWith(otherRequest.bytes - 1)).toBe('vector');
    expect(otherwise).toContain(
      'With a memory request of 1002 MiB or more kubelet would have given vector (pid 11) an oom_score_adj of 511 or less, and ' +
        'myapp (pid 10) would have died.',
    );
  });

  it('is told of burstable pods alone: kubelet gives the others a fixed adj, and services it does not know', () => {
    const guaranteed = appWith({ adj: -997 });
    expect(verdictOn(kill([guaranteed], guaranteed)).otherRequest).toBeNull();
    const service = vectorWith({ cgroupPath: '/system.slice/vector.service' });
    expect(verdictOn(kill([app, service], service)).otherRequest).toBeNull();
  });

  it('is not told where no adj that a request brings would spare it', () => {
    const alone = vectorWith({ rssAnonBytes: 95 * MIB });
    expect(verdictOn(kill([appWith({ rssAnonBytes: MIB, adj: -997 }), alone], alone)).otherRequest).toBeNull();
  });
});
