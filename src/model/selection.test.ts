import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleCandidate, sampleChoice, sampleEpisode } from '../../test/support/sample-events.js';
import type { Candidate, CandidateStatus } from '../events/episode.js';
import { predictVictim, select } from './selection.js';

type Entry = { readonly name: string } & Pick<Candidate, 'status' | 'points'>;
const scored = (name: string, points: number): Entry => ({ name, status: 'scored', points });
const other = (name: string, status: CandidateStatus): Entry => ({ name, status, points: null });
const chosen = (entries: Entry[]) => {
  const selection = select(entries);
  return selection.kind === 'none' ? 'none' : `${selection.kind} ${selection.candidate.name}`;
};

describe('selection', () => {
  it('the most points die', () => {
    expect(chosen([scored('a', 5), scored('b', 9), scored('c', 7)])).toBe('victim b');
  });

  it('of equals the last one dies', () => {
    expect(chosen([scored('a', 9), scored('b', 9), scored('c', 7)])).toBe('victim b');
  });

  it('negative points can still be the most', () => {
    expect(chosen([scored('a', -900), scored('b', -20), other('c', 'skipped-adj-min')])).toBe('victim b');
  });

  it('a task that asked to be killed first beats any points, and the last such task wins', () => {
    expect(chosen([other('a', 'oom-origin'), scored('b', 2 ** 52)])).toBe('victim a');
    expect(chosen([other('a', 'oom-origin'), scored('b', 1), other('c', 'oom-origin')])).toBe('victim c');
  });

  it('a dying victim ends the walk, whatever was chosen before', () => {
    expect(chosen([other('a', 'oom-origin'), other('b', 'dying'), scored('c', 9)])).toBe('dying b');
  });

  it('nobody is chosen among those passed over', () => {
    expect(chosen([other('a', 'skipped-init'), other('b', 'skipped-vfork')])).toBe('none');
    expect(chosen([])).toBe('none');
  });

  it('the choice equals the kernel loop, step by step', () => {
    const LONG_MIN = -(2n ** 63n);
    const LONG_MAX = 2n ** 63n - 1n;
    const entry = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: -6, max: 6 }).map((points) => scored('', points)) },
      { weight: 1, arbitrary: fc.constantFrom('oom-origin' as const, 'dying' as const).map((s) => other('', s)) },
      { weight: 1, arbitrary: fc.constantFrom('skipped-reaped' as const, 'skipped' as const).map((s) => other('', s)) },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        // oom_evaluate_task(), literally.
        let expected: Entry | 'abort' | null = null;
        let chosenPoints = LONG_MIN;
        for (const task of entries) {
          if (task.status === 'dying') {
            expected = 'abort';
            break;
          }
          let points = LONG_MIN;
          if (task.status === 'oom-origin') points = LONG_MAX;
          else if (task.points !== null) points = BigInt(task.points);
          if (points === LONG_MIN || (task.status !== 'oom-origin' && points < chosenPoints)) continue;
          expected = task;
          chosenPoints = points;
        }
        const selection = select(entries);
        if (expected === 'abort') expect(selection.kind).toBe('dying');
        else if (expected === null) expect(selection.kind).toBe('none');
        else expect(selection.kind === 'victim' && selection.candidate === expected).toBe(true);
      }),
    );
  });
});

describe('prediction', () => {
  it('the recorded ballot names the victim', () => {
    expect(predictVictim(sampleEpisode())).toMatchObject({ kind: 'victim', candidate: { pid: 812 } });
  });

  it('with candidates lost nothing is predicted', () => {
    expect(predictVictim(sampleEpisode({ candidatesLost: 1 }))).toEqual({ kind: 'incomplete' });
  });

  it('where the kernel does not compare there is nothing to predict', () => {
    const choice = sampleChoice(sampleCandidate(), { how: 'allocating-task', points: null });
    expect(predictVictim(sampleEpisode({ choice, candidates: [] }))).toEqual({ kind: 'no-selection' });
    expect(predictVictim(sampleEpisode({ outcome: 'trigger-dying', choice: null }))).toEqual({ kind: 'no-selection' });
  });

  it('a ballot that met a dying victim predicts that nobody dies', () => {
    const candidates = [sampleCandidate(), sampleCandidate({ pid: 5, status: 'dying' })];
    const episode = sampleEpisode({ outcome: 'victim-dying', choice: null, candidates });
    expect(predictVictim(episode)).toMatchObject({ kind: 'dying', candidate: { pid: 5 } });
  });
});
