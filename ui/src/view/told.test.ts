import { describe, expect, it } from 'vitest';
import { applyEvents, initialModel } from '../../../src/model/fold.js';
import { calmKube, webKill } from '../../../test/support/kube-scene.js';
import { sampleNode } from '../../../test/support/sample-events.js';
import { sceneSession } from '../../../test/support/scenes.js';
import { type Remembered, remember } from './told.js';

const KILL_US = 1_100_000_000;
const NOTHING: Remembered = { bootId: null, told: [] };
const model = applyEvents(initialModel, [sceneSession(), ...webKill(KILL_US)]);
/** The model when this was told last, so long after the kill. */
const at = (seconds: number) => applyEvents(model, [calmKube(KILL_US + seconds * 1_000_000)]);
const secondsOf = ({ told }: Remembered) => told.map(({ tUs }) => (tUs - KILL_US) / 1_000_000);

describe('what the page remembers of what the API server told', () => {
  it('is what was told next to a kill, and the newest', () => {
    const seen = [-60, -30, 5, 40, 70].map(at).reduce(remember, NOTHING);
    expect(secondsOf(seen)).toEqual([-30, 5, 70]);
    // Nothing new, nothing to draw anew.
    const last = at(90);
    const once = remember(seen, last);
    expect(remember(once, last)).toBe(once);
  });

  it('is nothing of a time that a replay has gone back from, nor of another boot', () => {
    const seen = [-30, 5, 70].map(at).reduce(remember, NOTHING);
    expect(secondsOf(remember(seen, at(-30)))).toEqual([-30]);
    // At the kill, in a film in which nothing was told before it.
    expect(secondsOf(remember([5, 70].map(at).reduce(remember, NOTHING), model))).toEqual([]);
    const rebooted = applyEvents(at(20), [sceneSession({ bootId: 'another' })]);
    expect(secondsOf(remember(seen, rebooted))).toEqual([20]);
  });

  it('stays while a connection is lost and the server is started anew', () => {
    const seen = [-30, 5, 70].map(at).reduce(remember, NOTHING);
    expect(remember(seen, initialModel)).toBe(seen);
    const nowUs = KILL_US + 90_000_000;
    const unasked = applyEvents(model, [sampleNode({ tUs: nowUs })]);
    expect(remember(seen, unasked)).toBe(seen);
    expect(secondsOf(remember(seen, at(100)))).toEqual([-30, 5, 100]);
  });
});
