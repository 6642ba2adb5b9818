import { describe, expect, it } from 'vitest';
import { seededRandom } from '../stage/random.js';
import { findScenario, SCENARIOS } from './index.js';

describe('scenarios', () => {
  it('each has a name of its own and says what it is about', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const scenario of SCENARIOS) {
      expect(scenario.name).toMatch(/^[a-z-]{1,16}$/);
      for (const text of [scenario.summary, scenario.shows, scenario.expected])
        expect(text).toMatch(/^\S.{10,120}[.]$/);
      expect(findScenario(scenario.name)).toBe(scenario);
    }
    expect(findScenario('no-such')).toBeUndefined();
  });
});

describe('random numbers', () => {
  it('the same seed plays the same scenario, another one does not', () => {
    const draw = (seed: number) => Array.from({ length: 20 }, seededRandom(seed).integer.bind(null, 0, 1_000_000));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('every number of a range comes up, and none beside it', () => {
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 2000 }, () => random.integer(-3, 3)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  });
});
