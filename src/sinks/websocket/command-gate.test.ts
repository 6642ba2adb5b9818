import { expect, test } from 'vitest';
import { encodeReplayCommand } from '../../wire/replay.js';
import { CommandGate } from './command-gate.js';

const pause = encodeReplayCommand({ kind: 'pause' });

test('a hand on a slider is never too fast', () => {
  const gate = new CommandGate();
  for (let count = 0; count < 500; count++) expect(gate.check(pause, true, count * 50)).toEqual({ kind: 'pause' });
});

test('a flood of commands is refused, and only the flood', () => {
  const gate = new CommandGate();
  const flood = () => {
    for (let count = 0; count < 200; count++) gate.check(pause, true, 1000);
  };
  expect(flood).toThrow(
    expect.objectContaining({ code: 'E_BAD_MESSAGE', message: expect.stringContaining('a second') }),
  );
  expect(gate.check(pause, true, 3000)).toEqual({ kind: 'pause' });
});

test('text is refused', () => {
  expect(() => new CommandGate().check(pause, false, 0)).toThrow(expect.objectContaining({ code: 'E_BAD_MESSAGE' }));
});
