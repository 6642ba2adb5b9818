import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sampleCandidate,
  sampleEpisode,
  sampleLoss,
  sampleSession,
  sampleVictim,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvent, applyEvents, initialModel } from './fold.js';
import { MAX_CANDIDATES, MAX_INCIDENTS } from './incidents.js';

const fold = (...events: OomscopeEvent[]) => applyEvents(initialModel, events);

describe('model', () => {
  it('marks that come before their episode belong to it', () => {
    const { incidents } = fold(
      sampleVictim(),
      sampleVictim({ step: 'exited', tUs: 1_000_000_450 }),
      sampleEpisode(),
      sampleVictim({ step: 'reaper-skipped', tUs: 1_002_000_000, process: null, memory: null }),
    );
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.id).toBe('1000000000');
    expect(incidents[0]?.episode?.outcome).toBe('killed');
    expect(incidents[0]?.victims).toHaveLength(1);
    expect(incidents[0]?.victims[0]?.steps.map((step) => step.step)).toEqual(['marked', 'exited', 'reaper-skipped']);
  });

  it('a group kill is one incident with all its members', () => {
    const { incidents } = fold(
      sampleVictim({ tid: 1 }),
      sampleVictim({ tid: 2, chosen: false }),
      sampleVictim({ tid: 3, chosen: false }),
      sampleEpisode(),
    );
    expect(incidents.map((incident) => incident.victims.map((victim) => victim.tid))).toEqual([[1, 2, 3]]);
  });

  it('a kill without an episode is an incident of its own, aftermath included', () => {
    const mark = sampleVictim({ episodeUs: null, tUs: 7, tid: 5, process: null, memory: null });
    const { incidents } = fold(
      mark,
      sampleVictim({ episodeUs: null, tUs: 9, tid: 5, step: 'exited' }),
      sampleVictim({ episodeUs: null, tUs: 11, tid: 5, process: null, memory: null }),
    );
    expect(incidents.map((incident) => [incident.id, incident.victims[0]?.steps.length])).toEqual([
      ['v7-5', 2],
      ['v11-5', 1],
    ]);
  });

  it('a thread id that came again is another victim', () => {
    const again = sampleVictim({ tUs: 2_000_000_000, episodeUs: null, step: 'exited' });
    const process = again.process === null ? null : { ...again.process, startUs: 1_999_000_000 };
    const { incidents } = fold(sampleVictim(), sampleEpisode(), { ...again, process });
    expect(incidents).toHaveLength(2);
    expect(incidents[0]?.victims[0]?.steps).toHaveLength(1);
  });

  it('losses add up by place', () => {
    const { lost } = fold(sampleLoss({ count: 2 }), sampleLoss({ count: 5 }), sampleLoss({ where: 'ring-bulk' }));
    expect(lost).toEqual({ 'ring-ballot': 7, 'ring-bulk': 3 });
  });

  it('the newest session holds', () => {
    expect(fold(sampleSession(), sampleSession({ attachMode: 'kprobe' })).session?.attachMode).toBe('kprobe');
  });

  it('the newest incidents are kept, and a flood of harmless ones pushes no kill out', () => {
    const kill = sampleEpisode({ episodeUs: 1, tUs: 1 });
    let model = fold(kill);
    for (let tUs = 2; tUs < MAX_INCIDENTS + 500; tUs++) {
      model = applyEvent(model, sampleEpisode({ episodeUs: tUs, tUs, outcome: 'victim-dying', choice: null }));
    }
    expect(model.incidents).toHaveLength(MAX_INCIDENTS);
    expect(model.incidents[0]?.id).toBe('1');
    expect(model.incidents.at(-1)?.id).toBe(String(MAX_INCIDENTS + 499));
    for (let tUs = 2_000; tUs < 2_000 + MAX_INCIDENTS; tUs++) {
      model = applyEvent(model, sampleEpisode({ episodeUs: tUs, tUs }));
    }
    expect(model.incidents).toHaveLength(MAX_INCIDENTS);
    expect(model.incidents[0]?.id).toBe('2000');
  });

  it('many candidates take old incidents away, never the newest', () => {
    const candidates = Array.from({ length: MAX_CANDIDATES / 4 }, () => sampleCandidate());
    const large = (n: number) => sampleEpisode({ episodeUs: n, tUs: n, candidates });
    const { incidents } = fold(...[1, 2, 3, 4, 5, 6].map(large));
    expect(incidents.map((incident) => incident.id)).toEqual(['3', '4', '5', '6']);
    const huge = sampleEpisode({ episodeUs: 7, tUs: 7, candidates: Array(5).fill(candidates).flat() });
    expect(fold(large(1), huge).incidents.map((incident) => incident.id)).toEqual(['7']);
  });

  it('the aftermath of an incident that is no longer kept does not bring it back', () => {
    const events = Array.from({ length: MAX_INCIDENTS + 1 }, (_, i) =>
      sampleEpisode({ episodeUs: 10 + i, tUs: 10 + i }),
    );
    const { incidents } = fold(...events, sampleVictim({ step: 'exited', episodeUs: 10, tUs: 5_000 }));
    expect(incidents.map((incident) => incident.id)).not.toContain('10');
  });

  it('what an event does not touch is shared, and the model before is unchanged', () => {
    const before = fold(sampleEpisode({ episodeUs: 1 }), sampleEpisode());
    const copy = structuredClone(before);
    const after = applyEvent(before, sampleVictim());
    expect(before).toEqual(copy);
    expect(after.incidents[0]).toBe(before.incidents[0]);
    expect(after.incidents[1]).not.toBe(before.incidents[1]);
    expect(after.lost).toBe(before.lost);
  });

  it('the time never goes backwards, and folding in two parts is folding at once', () => {
    const event = fc.oneof(
      fc.nat(50).map((n) => sampleEpisode({ tUs: n, episodeUs: n % 7 })),
      fc.nat(50).map((n) => sampleVictim({ tUs: n, tid: n % 3, episodeUs: n % 2 === 0 ? n % 7 : null })),
      fc.nat(50).map((n) => sampleVictim({ tUs: n, tid: n % 3, step: 'exited', episodeUs: null })),
      fc.nat(50).map((n) => sampleLoss({ tUs: n })),
    );
    fc.assert(
      fc.property(fc.array(event), fc.nat(), (events, at) => {
        const cut = at % (events.length + 1);
        const first = fold(...events.slice(0, cut));
        const whole = applyEvents(first, events.slice(cut));
        expect(whole).toEqual(fold(...events));
        expect(whole.nowUs ?? 0).toBeGreaterThanOrEqual(first.nowUs ?? 0);
        expect(new Set(whole.incidents.map((incident) => incident.id)).size).toBe(whole.incidents.length);
      }),
    );
  });
});
