import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleChoice, sampleEpisode } from '../../test/support/sample-events.js';
import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { badnessPoints } from './badness.js';
import { choose, contestOf } from './contest.js';
import { adjChanges, counterfactuals, deathOrder, withOwnLimit } from './counterfactual.js';
import { predictVictim } from './selection.js';

const PAGE = 4096;

function episodeOf(candidates: readonly Candidate[], totalPages = 25_600): EpisodeEvent {
  const open = sampleEpisode({ candidates: [...candidates], totalPages, choice: null });
  const prediction = predictVictim(open);
  if (prediction.kind !== 'victim') return open;
  return { ...open, choice: sampleChoice(prediction.candidate) };
}

/** The same episode with another adj of one candidate, scored as the kernel does it. */
function rescored(episode: EpisodeEvent, candidate: Candidate, adj: number): EpisodeEvent {
  const candidates = episode.candidates.map((other): Candidate => {
    if (other !== candidate) return other;
    const changed = { ...other, adj };
    if (other.status !== 'scored' && other.status !== 'skipped-adj-min') return changed;
    if (adj === -1000) return { ...changed, status: 'skipped-adj-min', points: null };
    return { ...changed, status: 'scored', points: badnessPoints(changed, episode.totalPages, episode.pageSizeBytes) };
  });
  return { ...episode, candidates };
}

function victimIndex(episode: EpisodeEvent): number | null {
  const prediction = predictVictim(episode);
  return prediction.kind === 'victim' ? episode.candidates.indexOf(prediction.candidate) : null;
}

/** Every adj there is, tried: the nearest one that changes the victim; the lower one of two as near. */
function bruteForce(episode: EpisodeEvent, candidate: Candidate): { adj: number; victim: number | null } | null {
  const before = victimIndex(episode);
  for (let distance = 1; distance <= 2000; distance++) {
    for (const adj of [candidate.adj - distance, candidate.adj + distance]) {
      if (adj < -1000 || adj > 1000) continue;
      const victim = victimIndex(rescored(episode, candidate, adj));
      if (victim !== before) return { adj, victim };
    }
  }
  return null;
}

const totals = fc.constantFrom(500, 1_000, 25_600, 300_000);
const entrant = fc.record({
  anonPages: fc.nat(3_000),
  adj: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(-1000, -999, 0, 1000)),
  special: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'skipped-vfork', 'oom-origin', 'dying'),
});
const arbitraryBallot = fc.tuple(totals, fc.array(entrant, { minLength: 1, maxLength: 6 })).map(([total, entrants]) =>
  episodeOf(
    entrants.map(({ anonPages, adj, special }, index) => {
      const candidate = sampleCandidate({ pid: index + 1, rssAnonBytes: anonPages * PAGE, adj }, total);
      if (special !== 'none') return { ...candidate, status: special as Candidate['status'], points: null };
      return adj === -1000 ? { ...candidate, status: 'skipped-adj-min', points: null } : candidate;
    }),
    total,
  ),
);

describe('counterfactuals', () => {
  it('the smallest adj change is the one that trying every adj finds, and leads to the same victim', () => {
    fc.assert(
      fc.property(arbitraryBallot, (episode) => {
        const found = counterfactuals(episode);
        if (victimIndex(episode) === null) {
          expect(found.kind).toBe('unknown');
          return;
        }
        if (found.kind === 'unknown') throw new Error(found.reason);
        for (const candidate of episode.candidates) {
          const change = found.adjChanges.find((some) => some.candidate === candidate);
          const tried = bruteForce(episode, candidate);
          const victim =
            change?.victim === null || change === undefined ? null : episode.candidates.indexOf(change.victim);
          expect(change === undefined ? null : { adj: change.adj, victim }).toEqual(tried);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the order of deaths is that of the kernel run again and again', () => {
    fc.assert(
      fc.property(arbitraryBallot, (episode) => {
        const made = contestOf(episode);
        if (made.kind === 'none') return;
        let left = episode;
        for (const next of deathOrder(made.contest, 6)) {
          expect(predictVictim(left)).toEqual({ kind: 'victim', candidate: next });
          left = { ...left, candidates: left.candidates.filter((candidate) => candidate !== next) };
        }
        if (left.candidates.length === 0) return;
        expect(predictVictim(left).kind).toBe('none');
      }),
    );
  });

  it('the sidecar would have lived with an adj that is lower by its lead', () => {
    const app = sampleCandidate({ pid: 10, comm: 'myapp', rssAnonBytes: 60 * MIB });
    const sidecar = sampleCandidate({ pid: 11, comm: 'vector', rssAnonBytes: 10 * MIB, adj: 680 });
    const found = counterfactuals(episodeOf([app, sidecar]));
    // 50 MiB are 12,800 pages; a point of adj is 25: at 512 both are equal, and of equals the sidecar, the last, dies.
    expect(found.kind === 'known' && found.adjChanges.find((change) => change.candidate === sidecar)).toMatchObject({
      adj: 511,
      delta: -169,
      victim: { comm: 'myapp' },
    });
    expect(found.kind === 'known' && found.adjChanges.find((change) => change.candidate === app)).toMatchObject({
      adj: 169,
      victim: { comm: 'myapp' },
    });
  });

  it('what the kernel read decides, not what was read a moment later', () => {
    const moved = sampleCandidate({ pid: 1, rssAnonBytes: 10 * MIB, points: 9_000 });
    const other = sampleCandidate({ pid: 2, rssAnonBytes: 20 * MIB });
    const made = contestOf(episodeOf([moved, other]));
    if (made.kind === 'none') throw new Error(made.reason);
    expect(made.contest.candidates[made.winner]).toBe(moved);
    expect(made.contest.memoryPages[made.winner]).toBe(9_000);
  });

  it('before Linux 5.9 nobody who may be chosen has less than one point', () => {
    const weak = sampleCandidate({ pid: 1, adj: -900, points: 1, rssAnonBytes: 8 * MIB });
    const weaker = sampleCandidate({ pid: 2, adj: -999, points: 1, rssAnonBytes: 8 * MIB });
    const found = counterfactuals(episodeOf([weak, weaker]));
    if (found.kind === 'unknown') throw new Error(found.reason);
    expect(found.contest.floor).toBe(1);
    expect(found.deathOrder.map(({ pid }) => pid)).toEqual([2, 1]);
    // One more than equal: 8 MiB and its page tables are 2,354 pages, 94 points of adj; so −94 + 1 is not below 1.
    expect(found.adjChanges.find(({ candidate }) => candidate === weak)?.victim).toBe(weak);
  });

  it('from a record that is not whole nothing is concluded, and it says why', () => {
    expect(counterfactuals(sampleEpisode({ candidatesLost: 1 }))).toEqual({
      kind: 'unknown',
      reason: 'candidates are missing from the record',
    });
    expect(counterfactuals(sampleEpisode({ totalPages: null })).kind).toBe('unknown');
    const other = sampleChoice(sampleCandidate({ pid: 99, comm: 'vector' }));
    expect(counterfactuals(sampleEpisode({ choice: other }))).toMatchObject({ kind: 'unknown' });
  });
});

describe('what if', () => {
  const app = sampleCandidate({ pid: 10, rssAnonBytes: 60 * MIB, cgroupPath: '/pod/app' });
  const helper = sampleCandidate({ pid: 12, rssAnonBytes: 1 * MIB, cgroupPath: '/pod/app/helper' });
  const sidecar = sampleCandidate({ pid: 11, rssAnonBytes: 10 * MIB, adj: 680, cgroupPath: '/pod/app-sidecar' });
  const made = contestOf(episodeOf([app, helper, sidecar]));
  if (made.kind === 'none') throw new Error(made.reason);
  const { contest, winner } = made;

  it('a larger limit makes the same adj heavier, a smaller one lighter', () => {
    expect(contest.candidates[winner]).toBe(sidecar);
    expect(choose(contest, { totalPages: 10_000 })).toBe(app);
    expect(choose(contest, { totalPages: 100_000 })).toBe(sidecar);
  });

  it('with a limit of its own the app is hit first, and only its own processes can die', () => {
    expect(withOwnLimit(contest, '/pod/app', 50 * MIB, 62 * MIB)).toEqual({
      hitFirst: true,
      candidates: [app, helper],
      victim: app,
      certain: false,
    });
    expect(withOwnLimit(contest, '/pod/app', 80 * MIB, 62 * MIB).hitFirst).toBe(false);
    expect(withOwnLimit(contest, '/pod/app', 80 * MIB, null).hitFirst).toBeNull();
    expect(withOwnLimit(contest, '/pod/app-sidecar', 5 * MIB, 11 * MIB)).toMatchObject({
      victim: sidecar,
      certain: true,
    });
  });

  it('of changes the smallest stands first', () => {
    const deltas = adjChanges(contest, winner).map(({ delta }) => Math.abs(delta));
    expect(deltas).toEqual(deltas.toSorted((a, b) => a - b));
    expect(deltas.length).toBe(3);
  });
});
