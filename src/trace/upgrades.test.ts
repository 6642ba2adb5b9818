import { expect, test } from 'vitest';
import { SCHEMA_VERSION } from './schema-version.js';
import type { TraceMessage } from './trace-message.js';
import { UPGRADES, type Upgrade, upgraded } from './upgrades.js';

const message: TraceMessage = { topicId: 1, tUs: 5, sequence: 1, payload: new Uint8Array([1]) };
const append = (byte: number): Upgrade => ({
  what: `adds ${byte}`,
  apply: (old) => ({ ...old, payload: Uint8Array.from([...old.payload, byte]) }),
});

test('an older message goes through every version up to this one, in order', () => {
  const upgrades = new Map([
    [1, append(2)],
    [3, append(4)],
  ]);
  expect([...upgraded(message, 1, upgrades, 5).payload]).toEqual([1, 2, 4]);
  expect([...upgraded(message, 2, upgrades, 5).payload]).toEqual([1, 4]);
  expect(upgraded(message, 5, upgrades, 5)).toBe(message);
});

test('no upgrade leads beyond this version', () => {
  for (const from of UPGRADES.keys()) expect(from).toBeLessThan(SCHEMA_VERSION);
});
