import { describe, expect, it } from 'vitest';
import { ramp, track } from '../../test/support/memory-tracks.js';
import { MIB, sampleCandidate, sampleCgroup, sampleChoice, sampleEpisode } from '../../test/support/sample-events.js';
import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { culpritOf } from './culprit.js';

const app = sampleCandidate({ pid: 10, comm: 'myapp', cgroupPath: '/pods/app', rssAnonBytes: 400 * MIB });
const vector = sampleCandidate({
  pid: 11,
  comm: 'vector',
  cgroupPath: '/pods/vector',
  rssAnonBytes: 40 * MIB,
  adj: 999,
});

function kill(candidates: readonly Candidate[], victim: Candidate): EpisodeEvent {
  const limitCgroup = sampleCgroup({ id: 1, path: '/pods', level: 1 });
  return sampleEpisode({ candidates: [...candidates], choice: sampleChoice(victim), limitCgroup });
}
const episode = kill([app, vector], vector);
const endUs = episode.episodeUs;
const flat = (path: string, bytes: number) => ramp(path, bytes, bytes, endUs, 20);

describe('the culprit', () => {
  it('is who grew, though another died', () => {
    const found = culpritOf(episode, [
      ramp('/pods', 200 * MIB, 440 * MIB, endUs, 6),
      ramp('/pods/app', 160 * MIB, 400 * MIB, endUs, 6),
      flat('/pods/vector', 40 * MIB),
    ]);
    if (found.kind !== 'cgroup') throw new Error(found.kind);
    expect(found).toMatchObject({ isVictim: false, process: { pid: 10 }, share: 1, growth: { path: '/pods/app' } });
    expect(found.growth.unreclaimableBytes / MIB).toBeCloseTo(240, -1);
    expect((found.growth.toUs - found.growth.fromUs) / 1e6).toBeCloseTo(6, 0);
  });

  it('can be the victim itself', () => {
    const found = culpritOf(kill([app, vector], app), [ramp('/pods/app', 0, 400 * MIB, endUs, 6)]);
    expect(found).toMatchObject({ kind: 'cgroup', isVictim: true });
  });

  it('is nobody alone when several grew alike', () => {
    const found = culpritOf(episode, [
      ramp('/pods/app', 0, 50 * MIB, endUs, 6),
      ramp('/pods/vector', 0, 50 * MIB, endUs, 6),
      ramp('/pods/third', 0, 40 * MIB, endUs, 6),
    ]);
    expect(found.kind === 'several' && found.growths.map(({ path }) => path)).toEqual([
      '/pods/app',
      '/pods/vector',
      '/pods/third',
    ]);
  });

  it('is nobody when nothing grew: somebody lowered the limit', () => {
    expect(culpritOf(episode, [flat('/pods/app', 400 * MIB), flat('/pods', 440 * MIB)]).kind).toBe('nobody');
  });

  it('is not said to be nobody by a timeline of less than a second: it may have grown before', () => {
    const since = (us: number) => {
      const whole = flat('/pods/app', 400 * MIB);
      return culpritOf(episode, [{ ...whole, points: whole.points.filter(({ tUs }) => tUs >= endUs - us) }]);
    };
    expect(since(1_000_000).kind).toBe('nobody');
    expect(since(900_000)).toEqual({
      kind: 'unknown',
      reason: 'the timeline reaches back no more than 900 ms before the kill',
    });
  });

  it('is no process where a person asked for the kill, whatever grew', () => {
    const grown = [ramp('/pods/app', 0, 400 * MIB, endUs, 6)];
    expect(culpritOf({ ...episode, limitCgroup: null, sysrq: true }, grown)).toEqual({ kind: 'asked-for' });
  });

  it('is not guessed without a timeline, nor from one of another place', () => {
    expect(culpritOf(episode, [])).toEqual({ kind: 'unknown', reason: 'no timeline' });
    expect(culpritOf(episode, [ramp('/elsewhere', 0, 900 * MIB, endUs, 6)])).toEqual({
      kind: 'unknown',
      reason: 'no timeline',
    });
    expect(culpritOf(episode, [track('/pods/app', [])]).kind).toBe('unknown');
  });

  it('stands inside what was short: growth beside the limit that was hit does not count', () => {
    const found = culpritOf(episode, [
      ramp('/pods/app', 0, 60 * MIB, endUs, 6),
      ramp('/pods-of-others', 0, 900 * MIB, endUs, 6),
    ]);
    expect(found).toMatchObject({ kind: 'cgroup', growth: { path: '/pods/app' } });
  });

  it('of a node that ran out may be anywhere', () => {
    const nodeWide = { ...episode, limitCgroup: null, constraint: 'none' as const };
    const found = culpritOf(nodeWide, [
      ramp('/system.slice/agent.service', 0, 900 * MIB, endUs, 6),
      flat('/pods/app', MIB),
    ]);
    expect(found).toMatchObject({ kind: 'cgroup', process: null, growth: { path: '/system.slice/agent.service' } });
  });

  it('is found though not every cgroup above it is known', () => {
    const deep = ['/pods', '/pods/burstable/one/app'].map((path) => ramp(path, 0, 100 * MIB, endUs, 6));
    expect(culpritOf(episode, deep)).toMatchObject({ kind: 'cgroup', share: 1 });
  });

  it('is counted once, though cgroups above it hold its memory as well', () => {
    const deep = ['/pods', '/pods/one', '/pods/one/app'].map((path) => ramp(path, 0, 100 * MIB, endUs, 6));
    const found = culpritOf(episode, [...deep, ramp('/pods/two', 0, 20 * MIB, endUs, 6)]);
    expect(found).toMatchObject({ kind: 'cgroup', growth: { path: '/pods/one/app' } });
    expect(found.kind === 'cgroup' && found.share).toBeCloseTo(100 / 120, 1);
  });

  it('of a record that begins amid the ramp is told with what was seen of it, in the time that it was seen', () => {
    const late = ramp('/pods/app', 160 * MIB, 400 * MIB, endUs, 6);
    const found = culpritOf(episode, [
      { ...late, points: late.points.filter(({ tUs }) => tUs >= endUs - 2_000_000) },
      flat('/pods/vector', 40 * MIB),
    ]);
    if (found.kind !== 'cgroup') throw new Error(found.kind);
    expect(found.growth.unreclaimableBytes / MIB).toBeCloseTo(80, 0);
    expect((found.growth.toUs - found.growth.fromUs) / 1e6).toBeCloseTo(2, 1);
  });

  it('is not known from one look at it', () => {
    const once = track('/pods/app', ramp('/pods/app', 0, 400 * MIB, endUs, 6).points.slice(-1));
    expect(culpritOf(episode, [once])).toEqual({
      kind: 'unknown',
      reason: 'the timeline does not reach back before the kill',
    });
  });

  it('is not who restarted and holds less than before', () => {
    const before = ramp('/pods/vector', 300 * MIB, 300 * MIB, endUs - 5_000_000, 5).points;
    const after = ramp('/pods/vector', 0, 40 * MIB, endUs, 4).points;
    const found = culpritOf(episode, [
      ramp('/pods/app', 100 * MIB, 400 * MIB, endUs, 8),
      track('/pods/vector', [...before, ...after]),
    ]);
    expect(found).toMatchObject({ kind: 'cgroup', growth: { path: '/pods/app' } });
  });

  it('is not the largest of those that are known where most of the growth is in none of them', () => {
    const grown = (whole: number) =>
      culpritOf(episode, [ramp('/pods', 0, whole * MIB, endUs, 6), ramp('/pods/app', 0, 40 * MIB, endUs, 6)]);
    expect(grown(101)).toEqual({ kind: 'unknown', reason: 'most of what grew is in no cgroup with a timeline' });
    expect(grown(99).kind).toBe('cgroup');
  });
});
