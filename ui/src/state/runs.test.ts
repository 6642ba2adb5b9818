import { describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../../src/events/event.js';
import { applyEvents, initialModel } from '../../../src/model/fold.js';
import { MAX_INCIDENTS } from '../../../src/model/incidents.js';
import {
  sampleEpisode,
  sampleKill,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import { isUserKill, newestFirst, type Run, type Seen, withModel } from './runs.js';

const fold = (...events: OomscopeEvent[]) => applyEvents(initialModel, events);
const episode = (episodeUs: number) => sampleEpisode({ episodeUs, tUs: episodeUs });
const idOf = (seen: Seen) => (isUserKill(seen) ? seen.userKill.id : seen.incident.id);
const ids = (runs: readonly Run[]) => newestFirst(runs).map(idOf);

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
    const [{ incidents } = { incidents: [] }] = withModel(before, fold(sampleSession(), exit));
    const [incident] = incidents;
    expect(incident?.episode).not.toBeNull();
    expect(incident?.victims.map((victim) => victim.tid)).toEqual([812, 999]);
  });

  it('holds kills by user space between those by the kernel, each with all its steps, and keeps them', () => {
    const target = sampleProcess({ pid: 9 });
    const sent = sampleKill({ tUs: 15, killUs: 15, target });
    const exited = sampleKill({ tUs: 17, killUs: 15, target, step: 'exited' });
    const before = withModel([], fold(sampleSession(), episode(10), sent, episode(20), exited));
    expect(ids(before)).toEqual(['20', 'k15-9', '10']);
    expect(before[0]?.userKills.map(({ targets }) => targets[0]?.steps.length)).toEqual([2]);
    expect(ids(withModel(before, fold(sampleSession(), episode(30))))).toEqual(['30', '20', 'k15-9', '10']);
  });

  it('of a kill by user space that hit many keeps those that the server has forgotten, and its name', () => {
    const hit = (pid: number) => sampleKill({ tUs: 10 + pid, killUs: 10 + pid, target: sampleProcess({ pid }) });
    const before = withModel([], fold(sampleSession(), hit(1), hit(2)));
    const after = withModel(before, fold(sampleSession(), hit(2), hit(3)));
    expect(ids(after)).toEqual(['k11-1']);
    expect(after[0]?.userKills[0]?.targets.map(({ process }) => process.pid)).toEqual([1, 2, 3]);
    const exit = (pid: number) => sampleKill({ ...hit(pid), step: 'exited', sender: null });
    const end = withModel(after, fold(sampleSession(), exit(2), exit(3)));
    expect(ids(end)).toEqual(['k11-1']);
    expect(end[0]?.userKills[0]?.targets.map(({ steps }) => steps.map(({ step }) => step))).toEqual([
      ['sent'],
      ['sent', 'exited'],
      ['sent', 'exited'],
    ]);
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
