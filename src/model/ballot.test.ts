import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleChoice, sampleEpisode } from '../../test/support/sample-events.js';
import type { Candidate } from '../events/episode.js';
import { rankBallot } from './ballot.js';

const candidate = (pid: number, anonMib: number, over: Partial<Candidate> = {}) =>
  sampleCandidate({ pid, comm: `p${pid}`, rssAnonBytes: anonMib * MIB, ...over });

function episodeOf(candidates: Candidate[], victim: Candidate) {
  return sampleEpisode({ candidates, choice: sampleChoice(victim), trigger: { ...victim } });
}

describe('ballot', () => {
  it('who dies first stands first, those passed over stand last in the order of the kernel', () => {
    const skippedFirst = candidate(1, 90, { status: 'skipped-adj-min', adj: -1000 });
    const small = candidate(2, 10);
    const skippedLast = candidate(3, 1, { status: 'skipped-no-mm' });
    const big = candidate(4, 80);
    const { rows } = rankBallot(episodeOf([skippedFirst, small, skippedLast, big], big));
    expect(rows.map((row) => [row.candidate.pid, row.rank, row.chosen])).toEqual([
      [4, 1, true],
      [2, 2, false],
      [1, null, false],
      [3, null, false],
    ]);
    expect(rows[2]?.note).toContain('−1000');
  });

  it('of equals the one that the kernel takes stands first', () => {
    const { rows, margin } = rankBallot(episodeOf([candidate(1, 10), candidate(2, 10)], candidate(2, 10)));
    expect(rows.map((row) => row.candidate.pid)).toEqual([2, 1]);
    expect(margin).toMatchObject({ pages: 0, runnerUp: { pid: 1 }, atMost: false });
  });

  it('the margin is to the next best, and only a bound where candidates were lost', () => {
    const victim = candidate(1, 80);
    const episode = { ...episodeOf([victim, candidate(2, 30), candidate(3, 50)], victim), candidatesLost: 4 };
    expect(rankBallot(episode).margin).toMatchObject({
      pages: (30 * MIB) / 4096,
      runnerUp: { pid: 3 },
      atMost: true,
    });
  });

  it('the margin holds although the record of the victim itself was lost', () => {
    const victim = candidate(1, 80);
    const episode = { ...episodeOf([candidate(2, 30)], victim), candidatesLost: 1 };
    expect(rankBallot(episode).margin).toMatchObject({ pages: (50 * MIB) / 4096 });
  });

  it('the sidecar dies for its oom_score_adj though the app is larger', () => {
    const app = candidate(10, 60);
    const sidecar = candidate(11, 10, { adj: 680 });
    const ballot = rankBallot(episodeOf([app, sidecar], sidecar));
    expect(ballot.rows[0]?.candidate.pid).toBe(11);
    expect(ballot.rows[0]?.parts.adj).toBe(680 * 25);
    expect(ballot.withoutVictimAdj?.pid).toBe(10);
  });

  it('an adj that decided nothing is not blamed', () => {
    const app = candidate(10, 80, { adj: 100 });
    expect(rankBallot(episodeOf([candidate(9, 10), app], app)).withoutVictimAdj).toBeNull();
  });

  it('the chosen process is known by its start, not by its pid alone', () => {
    const old = candidate(1, 80, { startUs: 1 });
    const young = candidate(1, 80, { startUs: 2 });
    const { rows } = rankBallot(episodeOf([old, young], young));
    expect(rows.filter((row) => row.chosen).map((row) => row.candidate.startUs)).toEqual([2]);
  });

  it('bars share one scale, and a negative adj does not shrink it', () => {
    const protectedApp = candidate(1, 80, { adj: -900 });
    const { scalePages } = rankBallot(episodeOf([protectedApp, candidate(2, 10)], candidate(2, 10)));
    expect(scalePages).toBe((81 * MIB) / 4096 + 50);
    expect(rankBallot(sampleEpisode({ candidates: [] })).scalePages).toBe(1);
  });
});
