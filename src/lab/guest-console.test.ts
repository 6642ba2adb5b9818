import { describe, expect, it } from 'vitest';
import { GuestConsole } from './guest-console.js';

describe('the console of a guest', () => {
  it('lines are put together however they are cut', () => {
    const console = new GuestConsole();
    for (const part of ['one\r\ntw', 'o\r\n', '\r\n', 'thr']) console.push(Buffer.from(part));
    expect(console.tail()).toBe('    | one\n    | two\n    | thr');
  });

  it('only its end is kept', () => {
    const console = new GuestConsole();
    for (let n = 0; n < 1000; n++) console.push(Buffer.from(`line ${n}\n`));
    console.push(Buffer.alloc(1_000_000, 'x'));
    expect(console.tail(2)).toMatch(/^ {4}\| line 999\n {4}\| x{1000}$/);
  });

  it('an escape sequence of the guest does not reach the terminal', () => {
    const console = new GuestConsole();
    console.push(Buffer.from('\x1b[2Jgone\n'));
    expect(console.tail()).toBe('    | \\x1b[2Jgone');
  });

  it('a panic is recognised with its reason', () => {
    const console = new GuestConsole();
    console.push(Buffer.from('[    1.2] all is well\n'));
    expect(console.panic).toBeNull();
    console.push(Buffer.from('[    1.3] Kernel panic - not syncing: VFS: Unable to mount root fs\n'));
    expect(console.panic).toBe('VFS: Unable to mount root fs');
  });

  it('what our own PID 1 says is told from what the kernel says', () => {
    const own: string[] = [];
    const console = new GuestConsole((text) => own.push(text));
    console.push(Buffer.from('[    1.2] oomscope\noomscope-lab: loading modules\noomscope-lab: failed: no line\n'));
    expect(own).toEqual(['loading modules', 'failed: no line']);
    expect(console.ownLine).toBe('failed: no line');
  });
});
