import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import {
  type Delivery,
  isNativeError,
  type LoadOptions,
  loadAddon,
  type NativeProgramSet,
  type RingName,
} from '../src/sources/kernel/native.js';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, 'build', process.env['OOMSCOPE_ADDON_BUILD'] ?? 'Release');
export const addonPath = join(build, 'oomscope.node');
export const ringTestPath = join(build, 'ring_test');

/** A BPF file system of our own, for the time of a test file; or why there is none. */
export interface TestBpffs {
  readonly path: string;
  readonly obstacle: string | null;
  unmount(): void;
}

export function mountBpffs(): TestBpffs {
  const path = mkdtempSync(join(tmpdir(), 'oomscope-bpffs-'));
  const { status, stderr, error } = spawnSync('mount', ['-t', 'bpf', 'bpf', path], { encoding: 'utf8' });
  const obstacle = status === 0 ? kernelObstacle() : (error?.message ?? stderr.trim());
  return {
    path,
    obstacle,
    unmount() {
      if (status === 0) execFileSync('umount', [path]);
      rmdirSync(path);
    },
  };
}

/** Why the kernel makes no maps for us; null = it does. Asked of the kernel itself: a skipped test has to prove that it must. */
function kernelObstacle(): string | null {
  try {
    ringsOnly().close();
    return null;
  } catch (error) {
    if (isNativeError(error) && ['EPERM', 'ENOSYS'].includes(error.code)) return error.message;
    throw error;
  }
}

/** A set with its maps and without a program: it records nothing and loads wherever maps can be made. */
export function ringsOnly(options: Partial<LoadOptions> = {}): NativeProgramSet {
  return loadAddon().ProgramSet.load({
    object: 'tracepoint',
    programs: [],
    constants: {},
    ringBytes: {},
    gatePath: null,
    cgroupRoot: null,
    ...options,
  });
}

/** The same, pinned into a new directory. */
export function pinnedRings(
  bpffs: TestBpffs,
  name: string,
  ringBytes: LoadOptions['ringBytes'] = {},
): { set: NativeProgramSet; directory: string } {
  const directory = join(bpffs.path, name);
  mkdirSync(directory);
  const set = ringsOnly({ ringBytes });
  set.attach();
  set.pin(directory);
  return { set, directory };
}

/** Lets the kernel write records of three words into a pinned ring: first + number, and two that never change. */
export function feed(directory: string, ring: RingName, count: number, first = 0): void {
  feedRing(join(directory, ring), count, [BigInt(first), 7n, 8n]);
}

/** Lets the kernel write one record into a pinned ring. */
export function feedWords(ringPath: string, words: readonly bigint[]): void {
  feedRing(ringPath, 1, words);
}

function feedRing(ringPath: string, count: number, words: readonly bigint[]): void {
  const args = [ringPath, String(count), ...words.map(String)];
  const { status, stdout, error } = spawnSync(join(build, 'feed_ring'), args, { encoding: 'utf8', env: withoutAsan() });
  expect(error ?? stdout).toBe('');
  expect(status).toBe(0);
}

/** A program that is built with AddressSanitizer brings it along: preloaded as well, it would be there twice. Another needs none. */
export function withoutAsan(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env;
  return env;
}

const RECORD_BYTES = 24;

/** The first word of each record. */
export function firstWords(deliveries: readonly Delivery[]): number[] {
  return deliveries.flatMap(({ records }) => {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    return Array.from({ length: records.byteLength / RECORD_BYTES }, (_, i) =>
      Number(view.getBigUint64(i * RECORD_BYTES, true)),
    );
  });
}

export function numbers(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
