import { describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../../src/events/event.js';
import { applyEvents, initialModel } from '../../../src/model/fold.js';
import { MAX_INCIDENTS } from '../../../src/model/incidents.js';
import { sampleEpisode, sampleSession, sampleVictim } from '../../../test/support/sample-events.js';
import { newestFirst, type Run, withModel } from './runs.js';

const fold = (...events: OomscopeEvent[]) => applyEvents(initialModel, events);
const episode = (episodeUs: number) => sampleEpisode({ episodeUs, tUs: episodeUs });
const ids = (runs: readonly Run[]) => newestFirst(runs).map((seen) => seen.incident.id);

describe('what the page has seen', () => {
  it('stays when the server is started anew and knows less', () => {
    const before = withModel([], fold(sampleSession(), episode(1), episode(2)));
    const after = withModel(before, fold(sampleSession(), episode(3)));
    expect(ids(after)).toEqual(['3', '2', '1']);
  });

  it('is not doubled by a server that still knows it', () => {
    const model = fold(sampleSession(), episode(1), episode(2));
    expect(ids(withModel(withModel([], model), model))).toEqual(['2', '1']);
  });

  it('fills in what a new server missed of the same incident', () => {
    const before = withModel([], fold(sampleSession(), sampleVictim({ episodeUs: 1 }), episode(1)));
    const exit = sampleVictim({ episodeUs: 1, step: 'exited', tid: 999 });
    const [seen] = newestFirst(withModel(before, fold(sampleSession(), exit)));
    expect(seen?.incident.episode).not.toBeNull();
    expect(seen?.incident.victims.map((victim) => victim.tid)).toEqual([812, 999]);
  });

  it('of an earlier boot keeps its own clock and its own place', () => {
    const before = withModel([], fold(sampleSession({ bootId: 'a' }), episode(5)));
    const after = withModel(before, fold(sampleSession({ bootId: 'b' }), episode(5)));
    expect(newestFirst(after).map((seen) => seen.key)).toEqual(['b/5', 'a/5']);
    expect(newestFirst(after)[1]?.session.bootId).toBe('a');
  });

  it('waits for the session, for without it no time can be told', () => {
    const before = withModel([], fold(sampleSession(), episode(1)));
    expect(withModel(before, fold(episode(2)))).toBe(before);
  });

  it('is bounded, the oldest go first', () => {
    const many = Array.from({ length: MAX_INCIDENTS }, (_, n) => episode(n + 1));
    const before = withModel([], fold(sampleSession({ bootId: 'a' }), ...many));
    const after = withModel(before, fold(sampleSession({ bootId: 'b' }), episode(1), episode(2)));
    const seen = newestFirst(after);
    expect(seen).toHaveLength(MAX_INCIDENTS);
    expect(seen.at(-1)?.key).toBe('a/3');
  });
});
