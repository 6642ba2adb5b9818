import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OomscopeError } from '../base/errors.js';
import { oomscope } from './proto.js';
import { decodeReplayCommand, decodeReplayState, encodeReplayCommand, encodeReplayState } from './replay.js';

const { ReplayCommand } = oomscope.v1;

describe('a command', () => {
  test.each([
    { kind: 'play' },
    { kind: 'pause' },
    { kind: 'seek', timeUs: 1_700_000_000_123_456 },
    { kind: 'seek', timeUs: 0 },
    { kind: 'speed', speed: 0.1 },
    { kind: 'speed', speed: Number.POSITIVE_INFINITY },
    { kind: 'kill', direction: 'next' },
    { kind: 'kill', direction: 'previous' },
  ] as const)('comes through as it was given: %o', (command) => {
    expect(decodeReplayCommand(encodeReplayCommand(command))).toEqual(command);
  });

  test.each([
    ['nothing', {}],
    ['a speed of 0', { speed: 0 }],
    ['a speed below 0', { speed: -1 }],
    ['a speed beyond the fastest', { speed: 101 }],
    ['a speed that is no number', { speed: Number.NaN }],
    ['a time that no number holds', { seekUs: 2 ** 60 }],
    ['a kill in no direction', { kill: 0 }],
    ['a kill in an unknown direction', { kill: 7 as 1 }],
  ])('that asks for %s is refused', (_, wire) => {
    const bytes = ReplayCommand.encode(wire).finish();
    expect(() => decodeReplayCommand(bytes)).toThrow(OomscopeError);
  });

  test('of any bytes is one, or refused with its code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeReplayCommand(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_BAD_MESSAGE' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the state', () => {
  test.each([null, 'next', 'previous'] as const)('comes through, to the microsecond (no kill: %s)', (noKill) => {
    const state = {
      startUs: 1,
      endUs: 1_700_000_000_000_000,
      positionUs: 5,
      playing: true,
      speed: 2,
      ended: false,
      noKill,
    };
    expect(decodeReplayState(encodeReplayState({ ...state, positionUs: 4.7 }))).toEqual(state);
  });
});
