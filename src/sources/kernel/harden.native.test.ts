import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAP_DAC_OVERRIDE_BIT, keptCapabilities } from './capabilities.js';
import { harden } from './harden.js';
import { loadAddon } from './native.js';

/** A process with many threads, some of which block all signals; prints what each thread holds after the drop. */
const DROPPER = `
  const { readdirSync, readFileSync } = require('node:fs');
  const { Worker } = require('node:worker_threads');
  const addon = require(process.argv[1]);
  const workers = [1, 2, 3].map(() => new Worker('setInterval(() => {}, 1000)', { eval: true }));
  require('node:crypto').randomBytes(8, () => {
    Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve)))).then(() => {
      const works = addon.bpfWorksWithoutCapabilities();
      const refused = addon.lockCode();
      addon.dropCapabilities(BigInt(process.argv[2]));
      const statuses = readdirSync('/proc/self/task').map((tid) => readFileSync('/proc/self/task/' + tid + '/status', 'utf8'));
      const field = (name) => [...new Set(statuses.map((status) => new RegExp(name + ':\\\\s+(\\\\w+)').exec(status)[1]))];
      const fields = Object.fromEntries(['CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs'].map((name) => [name, field(name)]));
      const locked = Number(/VmLck:[^0-9]+([0-9]+)/.exec(statuses[0])[1]);
      const child = require('node:child_process').execFileSync('/bin/cat', ['/proc/self/status'], { encoding: 'utf8' });
      const ofChild = /CapPrm:.(\\w+)\\nCapEff:.(\\w+)\\nCapBnd:.(\\w+)/.exec(child).slice(1);
      console.log(JSON.stringify({ ofChild, threads: statuses.length, works, refused, locked, ...fields }));
      process.exit(0);
    });
  });
`;

const addonPath = join(import.meta.dirname, '../../../build/Release/oomscope.node');

function drop(keep: bigint): Record<string, unknown> {
  const stdout = execFileSync(process.execPath, ['-e', DROPPER, addonPath, String(keep)], { encoding: 'utf8' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const NONE = ['0000000000000000'];

describe('after everything is attached', () => {
  it('no thread holds any capability, nor can get one', () => {
    const dropped = drop(0n);
    expect(dropped).toMatchObject({ CapInh: NONE, CapPrm: NONE, CapEff: NONE, CapAmb: NONE, NoNewPrivs: ['1'] });
    expect(dropped['threads']).toBeGreaterThan(8);
    expect(typeof dropped['works']).toBe('boolean');
    expect(dropped['refused']).toEqual(expect.any(Number));
  });

  it('a program that is started has none either, though the bounding set is as it was', () => {
    const [permitted, effective, bounding] = drop(0n)['ofChild'] as string[];
    expect([permitted, effective]).toEqual([...NONE, ...NONE]);
    // Root would get all of these back by execve(), were it not for no-new-privs.
    const own = /CapBnd:\s+(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    expect(bounding).toBe(own);
  });

  it('what is kept is kept by every thread, as far as it had it', () => {
    const [prm] = drop(keptCapabilities({ bpf: false, dacOverride: true }))['CapPrm'] as string[];
    const had = process.geteuid?.() === 0 ? 1n << BigInt(CAP_DAC_OVERRIDE_BIT) : 0n;
    expect(BigInt(`0x${prm}`)).toBe(had);
  });

  it("the right to write in a user's directory stays where it is needed, and CAP_BPF where the kernel wants it", () => {
    const keptWith = (works: boolean, directories: string[]) => {
      let kept = -1n;
      const addon = {
        lockCode: () => 0,
        bpfWorksWithoutCapabilities: () => works,
        dropCapabilities: (mask: bigint) => {
          kept = mask;
        },
      };
      harden(addon, directories);
      return kept;
    };
    const directory = mkdtempSync(join(tmpdir(), 'oomscope-harden-'));
    expect(keptWith(true, [directory])).toBe(0n);
    chmodSync(directory, 0o500);
    expect(keptWith(true, [directory])).toBe(2n);
    expect(keptWith(false, [])).toBe(1n << 39n);
    rmdirSync(directory);
  });

  it('the addon is the one that the product loads', () => {
    expect(typeof loadAddon().dropCapabilities).toBe('function');
  });
});
