import { expect, it } from 'vitest';
import type { Candidate, EpisodeEvent } from '../../src/events/episode.js';
import { checkCandidate } from '../../src/model/badness.js';
import { predictVictim } from '../../src/model/selection.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, killedByKernel, type Truth, type Vm } from './harness/vm.js';

const KILLS = 200;
const TIMEOUT_MS = 600_000;
/** Of the candidates that change while they are scored. */
const APPROXIMATE_MAX = 0.01;

interface Scored {
  readonly episode: EpisodeEvent;
  readonly candidate: Candidate;
}

function scored(episodes: readonly EpisodeEvent[]): Scored[] {
  return episodes.flatMap((episode) =>
    episode.candidates.filter(({ status }) => status === 'scored').map((candidate) => ({ episode, candidate })),
  );
}

function differences(all: readonly Scored[]): { pid: number; comm: string; differencePages: number }[] {
  return all.flatMap(({ episode, candidate: { pid, comm }, candidate }) => {
    const check = checkCandidate(candidate, episode);
    expect(check.kind).not.toBe('unchecked');
    return check.kind === 'approximate' ? [{ pid, comm, differencePages: check.differencePages }] : [];
  });
}

/** Kills whose recorded ballot does not lead to the victim that the kernel chose. */
function mispredicted(kills: readonly EpisodeEvent[]): unknown[] {
  return kills.flatMap((episode) => {
    const prediction = predictVictim(episode);
    const predicted = prediction.kind === 'victim' ? prediction.candidate.pid : prediction.kind;
    const chosen = episode.choice?.process.pid;
    return predicted === chosen ? [] : [{ episodeUs: episode.episodeUs, predicted, chosen }];
  });
}

/** Ended by SIGKILL, whoever sent it. */
function killedPids(truth: readonly Truth[]): number[] {
  return truth.flatMap((line) => (line.type === 'ended' && line.signal === 'SIGKILL' ? [line.pid] : []));
}

/**
 * Those marked that the scenario started itself. A child that a hog borrowed its memory to (vfork) is passed over while
 * the hog lives; when the hog has died before it, the kernel may choose it, and the scenario does not know its pid.
 */
function markedHogs(recording: Recording): number[] {
  return recording.marked
    .filter(({ process }) => process?.comm !== 'hog-vforked')
    .map(({ process, tid }) => process?.pid ?? tid);
}

async function recordRandom(vm: Vm, scenario: string): Promise<{ recording: Recording; truth: Truth[] }> {
  const recording = await Recording.start(vm);
  const truth = await vm.scenario(scenario, { timeoutMs: TIMEOUT_MS });
  await recording.stop();
  return { recording, truth };
}

describeOnKernels('fidelity', (vm, kernel) => {
  it(
    `${KILLS} random kills: the points recomputed from the record are the kernel's, for every candidate`,
    async () => {
      const { recording, truth } = await recordRandom(
        vm(),
        `random --kills ${KILLS} --seed ${kernel === '6.1' ? 61 : 612}`,
      );
      const { kills } = recording;
      const candidates = scored(kills);
      console.log(`Linux ${kernel}: ${kills.length} kills, ${candidates.length} candidates with points`);

      expect(killedByKernel(truth).length).toBeGreaterThanOrEqual(KILLS);
      expect(new Set(recording.markedPids).size).toBe(recording.markedPids.length);
      expect(recording.markedPids).toEqual(expect.arrayContaining(killedByKernel(truth)));
      // The kernel may kill while the scenario clears a set away: then waitpid cannot tell whose SIGKILL it was.
      expect(killedPids(truth)).toEqual(expect.arrayContaining(markedHogs(recording)));
      expect(recording.lost).toEqual({});
      expect(differences(candidates)).toEqual([]);
      expect(mispredicted(kills)).toEqual([]);

      // What the test is worth: each part of the formula was there in some candidate.
      const has = (part: (candidate: Candidate) => number | null) =>
        candidates.some(({ candidate }) => (part(candidate) ?? 0) > 0);
      expect({
        anon: has(({ rssAnonBytes }) => rssAnonBytes),
        file: has(({ rssFileBytes }) => rssFileBytes),
        shmem: has(({ rssShmemBytes }) => rssShmemBytes),
        swap: has(({ swapBytes }) => swapBytes),
        pageTables: has(({ pageTableBytes }) => pageTableBytes),
        adjAbove0: has(({ adj }) => adj),
        adjBelow0: has(({ adj }) => -adj),
      }).toEqual({
        anon: true,
        file: true,
        shmem: true,
        swap: true,
        pageTables: true,
        adjAbove0: true,
        adjBelow0: true,
      });
      const skipped = kills.flatMap((episode) => episode.candidates.map(({ status }) => status));
      expect(skipped).toContain('skipped-adj-min');
    },
    TIMEOUT_MS,
  );

  it(
    'busy candidates: at most 1 % are approximate, by a known difference, and the predicted victim is the chosen one',
    async () => {
      const { recording } = await recordRandom(vm(), 'random --kills 40 --seed 7 --busy');
      const candidates = scored(recording.kills);
      const approximate = differences(candidates);
      console.log(`Linux ${kernel}, busy: ${approximate.length} of ${candidates.length} are approximate`, approximate);

      expect(recording.kills.length).toBeGreaterThanOrEqual(40);
      expect(approximate.length).toBeLessThanOrEqual(candidates.length * APPROXIMATE_MAX);
      // While a busy victim cannot die, thousands of episodes kill nobody; they cost no kill its ballot.
      expect(recording.kills.filter(({ candidatesLost }) => candidatesLost !== 0)).toEqual([]);
      expect(mispredicted(recording.kills)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
