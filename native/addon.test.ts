import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeBatch } from '../src/sources/kernel/decode.js';
import { isNativeError, loadAddon } from '../src/sources/kernel/native.js';
import { addonPath, feed, mountBpffs, pinnedRings, ringsOnly, root } from './test-support.js';

const addon = loadAddon();
const bpffs = mountBpffs();
afterAll(() => bpffs.unmount());

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the addon', () => {
  it('is the same when loaded twice', () => {
    expect(loadAddon()).toBe(addon);
  });

  it('holds two BPF objects', () => {
    const magic = (object: 'core' | 'tracepoint') => [...addon.objectBytes(object).subarray(0, 4)];
    expect(magic('core')).toEqual([0x7f, 0x45, 0x4c, 0x46]);
    expect(magic('tracepoint')).toEqual([0x7f, 0x45, 0x4c, 0x46]);
    expect(addon.objectBytes('core')).not.toEqual(addon.objectBytes('tracepoint'));
  });

  it('reads both clocks at one moment', () => {
    const before = Date.now() * 1000;
    const first = addon.clocks();
    const second = addon.clocks();
    expect(first.epochUs).toBeGreaterThanOrEqual(before);
    expect(second.bootUs).toBeGreaterThanOrEqual(first.bootUs);
    const drift = second.epochUs - second.bootUs - (first.epochUs - first.bootUs);
    expect(Math.abs(drift)).toBeLessThan(1_000);
  });

  it('refuses arguments of the wrong type with an exception', () => {
    const anything = addon as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, args] of [
      ['functionsInBtf', [1]],
      ['functionsInBtf', [[1]]],
      ['tryLock', ['no number']],
      ['readPinnedValue', [undefined]],
      ['writePinnedValue', ['/path', 'no bytes']],
      ['createPinnedValue', ['/path', 'name', 'no number']],
      ['unreadRingBytes', [null]],
      ['objectBytes', []],
    ] as const) {
      expect(() => anything[name]?.(...args), name).toThrow();
    }
    const load = addon.ProgramSet.load as (options: unknown) => unknown;
    expect(() => load(undefined)).toThrow(TypeError);
    expect(() => load({})).toThrow(TypeError);
    expect(() =>
      load({ object: 'core', programs: [], constants: { generation: 1 }, ringBytes: {}, gatePath: null }),
    ).toThrow();
    const adopt = addon.ProgramSet.adopt as (...args: unknown[]) => unknown;
    expect(() => adopt()).toThrow();
  });

  it('tells which errno the kernel gave', () => {
    const error = errorOf(() => addon.readPinnedValue('/nonexistent/owner'));
    expect(isNativeError(error) && error.code).toBe('ENOENT');
  });

  it('locks a directory once', () => {
    const directory = mkdtempSync(join(tmpdir(), 'oomscope-lock-'));
    expect(addon.tryLock(openSync(directory, 'r'))).toBe(true);
    expect(addon.tryLock(openSync(directory, 'r'))).toBe(false);
    rmdirSync(directory);
  });
});

function needsBpf(context: { skip(reason: string): void }): void {
  if (bpffs.obstacle !== null) context.skip(bpffs.obstacle);
}

describe('pinned values', () => {
  beforeEach(needsBpf);
  const path = join(bpffs.path, 'value');

  it('keep their bytes', () => {
    addon.createPinnedValue(path, 'value', 12);
    expect(addon.readPinnedValue(path)).toEqual(Buffer.alloc(12));
    const bytes = Buffer.from('twelve bytes');
    addon.writePinnedValue(path, bytes);
    expect(addon.readPinnedValue(path)).toEqual(bytes);
    expect(() => addon.writePinnedValue(path, new Uint8Array(11))).toThrow('holds 12 bytes');
    expect(() => addon.unreadRingBytes(path)).toThrow('no ring');
  });
});

describe('a set of programs', () => {
  beforeEach(needsBpf);
  it('is refused when a program, a constant or a ring has no such name', () => {
    expect(() => ringsOnly({ programs: ['no_such_program'] })).toThrow('no program no_such_program');
    expect(() => ringsOnly({ constants: { no_such_constant: 1n } })).toThrow('no constant no_such_constant');
    expect(() => ringsOnly({ ringBytes: JSON.parse('{"no_such_ring": 4096}') })).toThrow('no_such_ring');
    expect(() => ringsOnly({ gatePath: join(bpffs.path, 'no_gate') })).toThrow('no_gate');
  });

  it('shares a pinned gate', () => {
    const gatePath = join(bpffs.path, 'gate');
    addon.createPinnedValue(gatePath, 'gate', 8);
    const [older, newer] = [ringsOnly({ gatePath }), ringsOnly({ gatePath })];
    older.setGate(7n);
    expect(newer.gate()).toBe(7n);
    newer.setGate(2n ** 64n - 1n);
    expect(older.gate()).toBe(2n ** 64n - 1n);
    expect(() => older.setGate(-1n)).toThrow(RangeError);
    older.close();
    newer.close();
    expect(() => older.gate()).toThrow('closed');
  });
});

describe('the list of processes', () => {
  beforeEach(needsBpf);

  it('has this process, and may be read again until it is closed', () => {
    const tasks = new addon.TaskIterator();
    const pids = () => {
      const { records, undecodableBytes } = decodeBatch(tasks.read(), addon.pageBytes);
      expect(undecodableBytes).toBe(0);
      return records.flatMap((record) => (record.kind === 'candidate' ? [record.candidate.pid] : []));
    };
    expect(pids()).toContain(process.pid);
    expect(pids()).toContain(process.pid);
    tasks.close();
    expect(() => tasks.read()).toThrow('closed');
  });
});

describe('a process with a running reader', () => {
  beforeEach(needsBpf);
  it.each([
    { how: 'exit', output: [] },
    { how: 'return', output: ['stopped'] },
    { how: 'throw', output: ['from the callback', 'and again'] },
    { how: 'workers', output: ['both ended'] },
    { how: 'cycles', output: ['50 cycles'] },
  ])('survives $how', { timeout: 60_000 }, ({ how, output }) => {
    const fixture = join(root, 'native/fixtures/read-until.mjs');
    const { directory, gatePath } = rings(how);
    const args = [fixture, addonPath, how, directory, gatePath];
    // For scripts/test-asan.mjs, which says why; nothing otherwise.
    const asanOptions = `${process.env['ASAN_OPTIONS'] ?? ''}:detect_leaks=${how === 'exit' ? 0 : 1}`;
    const env = { ...process.env, ASAN_OPTIONS: asanOptions };
    const result = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000, env });
    expect(result.stderr).toBe('');
    expect(
      result.stdout
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, 2),
    ).toEqual(output);
    expect({ status: result.status, signal: result.signal }).toEqual({ status: 0, signal: null });
  });

  /** Pinned rings with a record in them. */
  function rings(name: string) {
    const gatePath = join(bpffs.path, `gate_${name}`);
    addon.createPinnedValue(gatePath, 'gate', 8);
    const { set, directory } = pinnedRings(bpffs, name);
    feed(directory, 'kills', 1);
    set.close();
    return { directory, gatePath };
  }
});
