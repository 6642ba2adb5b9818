import { expect, it } from 'vitest';
import type { Candidate, EpisodeEvent } from '../../src/events/episode.js';
import { seededRandom } from '../../src/lab/stage/random.js';
import { choose, pointsAt } from '../../src/model/contest.js';
import { type AdjChange, counterfactuals } from '../../src/model/counterfactual.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

const BALLOTS = 50;
/** Some more are played, since not each has a change that stands clear of the noise. */
const PLAYED = 60;
const TIMEOUT_MS = 600_000;
/**
 * Since Linux 6.2 the kernel's counters are approximate: by up to 32 pages a CPU, and the second time it may be off the
 * other way. A change that leaves less than that between the first two proves nothing.
 */
const NOISE_PAGES = 72;

/** The first kill of each ballot, by its number. */
function firstKills({ kills }: Recording): Map<number, EpisodeEvent> {
  const first = new Map<number, EpisodeEvent>();
  for (const kill of kills) {
    const set = /^\/ballot-(\d+)$/.exec(kill.limitCgroup?.path ?? '')?.[1];
    if (set !== undefined && !first.has(Number(set))) first.set(Number(set), kill);
  }
  return first;
}

/** How far the new victim would be ahead of whoever comes next, in pages. */
function clearance(episode: EpisodeEvent, { candidate, adj, victim }: AdjChange): number {
  const known = counterfactuals(episode);
  if (known.kind === 'unknown' || victim === null) return 0;
  const { contest } = known;
  const points = contest.candidates.map((other, index) => ({
    isVictim: other === victim,
    points: pointsAt(contest, index, other === candidate ? adj : undefined),
  }));
  const own = points.find(({ isVictim }) => isVictim)?.points ?? 0;
  return own - Math.max(...points.map(({ isVictim, points: other }) => (isVictim ? Number.NEGATIVE_INFINITY : other)));
}

interface Suggestion {
  readonly set: number;
  readonly comm: string;
  readonly adj: number;
  readonly before: string;
  readonly victim: string;
}

function suggest(kills: ReadonlyMap<number, EpisodeEvent>, seed: number): Suggestion[] {
  const random = seededRandom(seed);
  return [...kills].flatMap(([set, episode]) => {
    const known = counterfactuals(episode);
    if (known.kind === 'unknown') throw new Error(`/ballot-${set}: ${known.reason}`);
    const clear = known.adjChanges.filter(
      // The pusher's own memory is another each time: it may stop a page sooner.
      (change) => change.candidate.comm !== 'pusher' && clearance(episode, change) >= NOISE_PAGES,
    );
    const [first, ...rest] = clear;
    if (first === undefined) return [];
    const { candidate, adj, victim } = random.pick([first, ...rest]);
    const before = comm(episode.choice?.process);
    return [{ set, comm: candidate.comm, adj, before, victim: comm(victim) }];
  });
}

function comm(process: Pick<Candidate, 'comm'> | null | undefined): string {
  return process?.comm ?? 'nobody';
}

async function play(vm: Vm, options: string): Promise<Map<number, EpisodeEvent>> {
  const recording = await Recording.start(vm);
  await vm.scenario(`ballots --kills ${PLAYED} ${options}`, { timeoutMs: TIMEOUT_MS });
  await recording.stop();
  expect(recording.lost).toEqual({});
  return firstKills(recording);
}

describeOnKernels('counterfactuals', (vm, kernel) => {
  it(
    `${BALLOTS} random ballots: with the suggested oom_score_adj the predicted process dies`,
    async () => {
      const seed = kernel === '6.1' ? 61 : 612;
      const before = await play(vm(), `--seed ${seed}`);
      expect(before.size).toBe(PLAYED);
      const suggestions = suggest(before, seed).slice(0, BALLOTS);
      expect(suggestions).toHaveLength(BALLOTS);
      const adjust = Object.fromEntries(suggestions.map(({ set, comm: name, adj }) => [set, { [name]: adj }]));
      await vm().writeFile('/tmp/adjust.json', JSON.stringify(adjust));

      const after = await play(vm(), `--seed ${seed} --adjust /tmp/adjust.json`);
      const wrong = suggestions.filter(({ set, victim }) => comm(after.get(set)?.choice?.process) !== victim);
      const kinds = suggestions.filter(({ comm: name, victim }) => name === victim).length;
      console.log(
        `Linux ${kernel}: ${suggestions.length - wrong.length} of ${suggestions.length} as predicted; ` +
          `${kinds} by raising a candidate, ${suggestions.length - kinds} by lowering the victim`,
      );
      expect(
        wrong.map((suggestion) => ({ ...suggestion, died: comm(after.get(suggestion.set)?.choice?.process) })),
      ).toEqual([]);
      // What the test is worth: each change does change something, and both ways are among them.
      expect(suggestions.every(({ before: old, victim }) => old !== victim)).toBe(true);
      expect(kinds).toBeGreaterThan(5);
      expect(suggestions.length - kinds).toBeGreaterThan(5);
      // The slider's function agrees with the list of changes.
      for (const { set, comm: name, adj, victim } of suggestions) {
        const known = counterfactuals(before.get(set) as EpisodeEvent);
        if (known.kind === 'unknown') throw new Error(known.reason);
        const candidate = known.contest.candidates.find((other) => other.comm === name);
        if (candidate === undefined) throw new Error(name);
        expect(choose(known.contest, { adj: new Map([[candidate, adj]]) })?.comm).toBe(victim);
      }
    },
    TIMEOUT_MS,
  );
});
