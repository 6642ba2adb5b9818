import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inputsHash, isDone, markDone } from './stamp.mjs';

const step = { name: 'demo', title: 'demo', commands: [['true']], inputs: ['in', 'one.txt'], outputs: ['out.txt'] };
let base: string;
const write = (path: string, text: string) => writeFileSync(join(base, path), text);

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'oomscope-stamp-'));
  mkdirSync(join(base, 'in/deep'), { recursive: true });
  write('in/deep/a.txt', 'a');
  write('in/b.txt', 'b');
  write('one.txt', '1');
  write('out.txt', 'made');
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

const finish = () => markDone(step, inputsHash(step, base), base);

describe('a build step', () => {
  it('is not done before it ran, though its output may lie there', () => {
    expect(isDone(step, base)).toBe(false);
  });

  it('is done after it ran', () => {
    finish();
    expect(isDone(step, base)).toBe(true);
  });

  it.each([
    ['a file deep in a folder changes', () => write('in/deep/a.txt', 'A')],
    ['a file is added', () => write('in/c.txt', '')],
    ['a file is removed', () => rmSync(join(base, 'one.txt'))],
    ['a file is renamed', () => renameSync(join(base, 'in/b.txt'), join(base, 'in/z.txt'))],
    ['its output is removed', () => rmSync(join(base, 'out.txt'))],
  ])('is to be done again when %s', (_, change) => {
    finish();
    change();
    expect(isDone(step, base)).toBe(false);
  });

  it('is to be done again when its command changes', () => {
    finish();
    expect(isDone({ ...step, commands: [['false']] }, base)).toBe(false);
  });

  it('is to be done again for another architecture, and not for the one of this machine by its name', () => {
    const [here, other] = process.arch === 'arm64' ? ['arm64', 'amd64'] : ['amd64', 'arm64'];
    finish();
    try {
      vi.stubEnv('OOMSCOPE_TARGET_ARCH', here);
      expect(isDone(step, base)).toBe(true);
      vi.stubEnv('OOMSCOPE_TARGET_ARCH', other);
      expect(isDone(step, base)).toBe(false);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('is to be done again when an input changed while it ran', () => {
    const before = inputsHash(step, base);
    write('one.txt', 'edited meanwhile');
    markDone(step, before, base);
    expect(isDone(step, base)).toBe(false);
  });
});
