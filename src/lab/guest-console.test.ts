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

  it('a panic by a trap that the kernel does not know is told from others', () => {
    const panic = '[    1.4] Kernel panic - not syncing: Fatal exception in interrupt\n';
    const lines = (first: string) => {
      const console = new GuestConsole();
      console.push(Buffer.from(`${first}\n${panic}`));
      return console;
    };
    // As Linux 6.12 and 6.1 print it (__die_header() in arch/x86/kernel/dumpstack.c).
    expect(lines('[    1.3] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI').diedOfUnknownTrap).toBe(true);
    expect(lines('[    1.3] int3: 0000 [#1] PREEMPT SMP NOPTI').diedOfUnknownTrap).toBe(true);
    expect(lines('[    1.3] Oops: general protection fault: 0000 [#1]').diedOfUnknownTrap).toBe(false);
    const alive = new GuestConsole();
    alive.push(Buffer.from('[    1.3] int3: 0000 [#1]\n'));
    expect(alive.diedOfUnknownTrap).toBe(false);
  });

  it('what our own PID 1 says is told from what the kernel says', () => {
    const own: string[] = [];
    const console = new GuestConsole((text) => own.push(text));
    console.push(Buffer.from('[    1.2] oomscope\noomscope-lab: loading modules\noomscope-lab: failed: no line\n'));
    expect(own).toEqual(['loading modules', 'failed: no line']);
    expect(console.ownLine).toBe('failed: no line');
  });
});
