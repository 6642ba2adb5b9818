import { describe, expect, it } from 'vitest';
import { flat, ramp } from '../../test/support/memory-tracks.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleSession,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { MemoryTrack } from './growth.js';
import type { Incident } from './model.js';
import { judge } from './verdict.js';

const app = sampleCandidate({ pid: 10, comm: 'myapp', cgroupPath: '/pods/app', rssAnonBytes: 60 * MIB });
const vector = sampleCandidate({
  pid: 11,
  comm: 'vector',
  cgroupPath: '/pods/vector',
  rssAnonBytes: 10 * MIB,
  adj: 999,
});
const episode = sampleEpisode({
  candidates: [app, vector],
  choice: sampleChoice(vector),
  trigger: app,
  triggerCgroup: sampleCgroup({ id: 10, path: '/pods/app', maxBytes: 'max' }),
  limitCgroup: sampleCgroup({ id: 9, path: '/pods', level: 1 }),
  victimCgroup: sampleCgroup({ id: 11, path: '/pods/vector', maxBytes: 'max' }),
});
const END_US = episode.episodeUs;

function verdictOn(of: EpisodeEvent | null, tracks: readonly MemoryTrack[] = []) {
  const incident: Incident = { id: '1', startUs: END_US, episode: of, victims: [] };
  return judge({ incident, incidents: [incident], session: sampleSession(), tracks });
}

describe('the verdict', () => {
  it('says in one go who died, who caused it, why this one and what to do', () => {
    const tracks = [
      ramp('/pods', 20 * MIB, 70 * MIB, END_US, 10),
      ramp('/pods/app', 10 * MIB, 60 * MIB, END_US, 10),
      flat('/pods/vector', 10 * MIB, END_US, 10),
    ];
    expect(verdictOn(episode, tracks).sentence).toBe(
      'vector (pid 11) was chosen to die: /pods, above its cgroup /pods/vector, hit its limit of 100 MiB. myapp (pid 10) ' +
        'in /pods/app grew 50 MiB in the 10 s before and caused it. vector (pid 11) was chosen because its oom_score_adj ' +
        'of 999 added 24,975 points; without it myapp (pid 10) would have died. Give myapp (pid 10) a memory limit.',
    );
  });

  it('blames no adj that all have alike', () => {
    const two = [sampleCandidate({ pid: 1, rssAnonBytes: 9 * MIB, adj: 992 }), sampleCandidate({ pid: 2, adj: 992 })];
    const { sentence } = verdictOn({ ...episode, candidates: two, choice: sampleChoice(two[1] ?? app) });
    expect(sentence).toContain('hog (pid 2) had the most points');
    expect(sentence).not.toContain('because its oom_score_adj');
  });

  it('without a timeline says that who caused it is unknown, and why', () => {
    const { culpritWords, advice } = verdictOn(episode);
    expect(culpritWords).toBe('Who caused it is unknown: no timeline.');
    expect(advice.map(({ rule }) => rule)).not.toContain('limit-the-culprit');
  });

  it('without a ballot claims nothing that a ballot would tell', () => {
    const verdict = verdictOn(null);
    expect(verdict).toMatchObject({ culprit: { kind: 'unknown' }, advice: [], ballot: null, otherwise: [] });
    expect(verdict.sentence).toContain('Who caused it is unknown');
  });

  it('tells what would have happened otherwise', () => {
    expect(verdictOn(episode).otherwise).toEqual([
      'With an oom_score_adj of 511 or less for vector (pid 11) (it was 999), myapp (pid 10) would have died.',
      'With an oom_score_adj of 488 or more for myapp (pid 10) (it was 0), myapp (pid 10) would have died.',
      'With vector (pid 11) gone and nothing else changed, myapp (pid 10) would be next.',
    ]);
    const lost = verdictOn({ ...episode, candidatesLost: 3 });
    expect(lost.otherwise).toEqual([
      'What would have happened otherwise is unknown: candidates are missing from the record.',
    ]);
  });

  it('does not blame anybody where nobody was killed', () => {
    const nobody = { ...episode, choice: null, outcome: 'no-candidate' as const };
    expect(verdictOn(nobody)).toMatchObject({ culpritWords: null, advice: [], otherwise: [] });
  });

  it('names the cause with its evidence, and how sure it is', () => {
    expect(verdictOn(episode).cause).toMatchObject({
      cause: { kind: 'ancestor-limit' },
      confidence: 'certain',
      evidence: [
        'the kernel ran the OOM killer for /pods, which held 100 MiB of 100 MiB',
        'the victim is in a cgroup below it',
        'myapp (pid 10) asked for the memory that was not there',
      ],
    });
    const bare = { ...episode, limitCgroup: null, constraint: null };
    expect(verdictOn(bare).cause).toMatchObject({ cause: { kind: 'node-wide' }, confidence: 'likely' });
  });

  it('tells a kill that freed nothing, and the same victim before', () => {
    const memory = {
      rssBytes: null,
      rssAnonBytes: 0,
      rssFileBytes: 0,
      rssShmemBytes: 90 * MIB,
      swapBytes: 0,
      pageTableBytes: 0,
    };
    const gone = { ...memory, rssShmemBytes: 0 };
    const incident = (startUs: number): Incident => ({
      id: String(startUs),
      startUs,
      episode,
      victims: [
        {
          tid: 11,
          steps: [sampleVictim({ memory }), sampleVictim({ step: 'exited', memory: gone, memorySharedBy: 0 })],
        },
      ],
    });
    const [first, second] = [incident(END_US - 30e6), incident(END_US)];
    const { afterwards } = judge({ incident: second, incidents: [first, second], session: null, tracks: [] });
    expect(afterwards).toEqual([
      'The kill was futile: 0 B came back of 90 MiB that was weighed: 90 MiB of shmem stays until its files are deleted.',
      'How long the pressure on /pods lasted is unknown: no pressure data.',
      'The same victim was killed 2 times in 30 s, this time included.',
    ]);
  });
});
