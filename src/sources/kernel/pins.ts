import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, messageOf, OomscopeError } from '../../base/errors.js';
import type { NativeAddon } from './native.js';
import { OWNER_BYTES, type Owner, ownerFromBytes, ownerToBytes } from './pin-owner.js';

export const DEFAULT_PIN_DIRECTORY = '/sys/fs/bpf/oomscope';

/**
 * The directory that keeps the kernel side alive without a process:
 *
 *   gate                                the generation that records, shared by all sets
 *   owner                               who holds the directory: pid and URL
 *   set-GENERATION-vLAYOUT-STAMP/       one set of programs: its maps, prog_NAME, link_NAME
 *
 * The active set is the one whose generation the gate holds. Any other set is left over: of a start that did not get as far as
 * opening the gate, or of a replacement that did not get as far as removing it. What such a set recorded is still to be read.
 */
export interface PinnedSet {
  readonly path: string;
  readonly generation: bigint;
  /** OOMSCOPE_LAYOUT_VERSION of its records. */
  readonly layoutVersion: number;
  /** Hash of what was loaded and how. */
  readonly stamp: string;
  /** Programs that are pinned: they are attached, or run when they are asked to. */
  readonly programs: readonly string[];
}

const SET_NAME = /^set-(\d+)-v(\d+)-([0-9a-f]+)$/;
const LINK_PREFIX = 'link_';
const PROGRAM_PREFIX = 'prog_';
const LOCK_ATTEMPTS = 5;
const LOCK_PAUSE_MS = 10;

/** The pin directory, locked by this process until close(). */
export class PinDirectory {
  readonly gatePath: string;
  private readonly ownerPath: string;

  private constructor(
    private readonly addon: NativeAddon,
    readonly path: string,
    private readonly lockFd: number,
  ) {
    this.gatePath = join(path, 'gate');
    this.ownerPath = join(path, 'owner');
  }

  /** Makes the directory if need be and locks it. Throws E_ALREADY_RUNNING, E_NO_BPFFS. */
  static open(addon: NativeAddon, path: string): PinDirectory {
    for (let attempt = 1; ; attempt++) {
      const fd = asNoBpffs(path, () => openDirectory(path));
      const locked = addon.tryLock(fd);
      // The holder removes the directory when it ends, and then the lock is one on nothing.
      if (locked && isSameDirectory(fd, path)) return new PinDirectory(addon, path, fd);
      closeSync(fd);
      // A few times, since a doctor holds the lock for a moment as well.
      if (attempt === LOCK_ATTEMPTS) throw alreadyRunning(addon, path);
      sleepMs(LOCK_PAUSE_MS);
    }
  }

  /** Makes the gate where it is missing and says who holds the directory. */
  claim(owner: Owner): void {
    asNoBpffs(this.path, () => {
      const present = readdirSync(this.path);
      if (!present.includes('gate')) this.addon.createPinnedValue(this.gatePath, 'gate', 8);
      if (!present.includes('owner')) this.addon.createPinnedValue(this.ownerPath, 'owner', OWNER_BYTES);
      this.addon.writePinnedValue(this.ownerPath, ownerToBytes(owner));
    });
  }

  /** The generation that records; 0 = none. */
  activeGeneration(): bigint {
    const bytes = this.addon.readPinnedValue(this.gatePath);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  }

  /** Oldest first. */
  sets(): PinnedSet[] {
    return listSets(this.path);
  }

  /** Makes the empty directory of a new set. */
  createSet(generation: bigint, layoutVersion: number, stamp: string): PinnedSet {
    const path = join(this.path, `set-${generation}-v${layoutVersion}-${stamp}`);
    asNoBpffs(path, () => mkdirSync(path, { mode: 0o700 }));
    return { path, generation, layoutVersion, stamp, programs: [] };
  }

  /** Removes a set's pins, links first: what no process holds is detached by that. */
  removeSet(set: PinnedSet): void {
    removeSetFiles(set.path);
  }

  /** Removes gate and owner if no set is left, and the directory if it is empty, and unlocks. */
  close(): void {
    try {
      if (this.sets().length > 0) return;
      for (const path of [this.gatePath, this.ownerPath]) removeIfThere(path);
      removeDirectoryIfEmpty(this.path);
    } finally {
      closeSync(this.lockFd);
    }
  }
}

/** What removeAllPins() found and removed. */
export interface RemovedPins {
  readonly sets: readonly PinnedSet[];
  /** The directory itself is gone. */
  readonly directoryRemoved: boolean;
}

/** Removes everything that oomscope, of whatever version, left in the directory. Throws E_ALREADY_RUNNING, E_STALE_PINS. */
export function removeAllPins(addon: NativeAddon, path: string): RemovedPins {
  if (!directoryExists(path)) return { sets: [], directoryRemoved: false };
  try {
    const pins = PinDirectory.open(addon, path);
    const sets = pins.sets();
    try {
      for (const set of sets) pins.removeSet(set);
    } finally {
      pins.close();
    }
    return { sets, directoryRemoved: !directoryExists(path) };
  } catch (error) {
    if (error instanceof OomscopeError && error.code === 'E_ALREADY_RUNNING') throw error;
    const reason = error instanceof OomscopeError ? error.cause : error;
    throw new OomscopeError(
      'E_STALE_PINS',
      `Pins in ${path} cannot be removed (${messageOf(reason)}).`,
      'Run this as the user who started oomscope, or as root.',
      EXIT.failed,
      { cause: error },
    );
  }
}

/** What a look from outside tells about the directory, without taking anything. */
export interface PinState {
  readonly sets: readonly PinnedSet[];
  /** Null = nobody holds it now. */
  readonly runningOwner: Owner | null;
  readonly running: boolean;
}

export function readPinState(addon: NativeAddon, path: string): PinState {
  if (!directoryExists(path)) return { sets: [], running: false, runningOwner: null };
  try {
    const fd = openSync(path, 'r');
    try {
      const running = !addon.tryLock(fd);
      return { sets: listSets(path), running, runningOwner: running ? readOwner(addon, path) : null };
    } finally {
      closeSync(fd);
    }
  } catch {
    // Another user's: what cannot be read cannot be told.
    return { sets: [], running: false, runningOwner: null };
  }
}

function listSets(directory: string): PinnedSet[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const match = SET_NAME.exec(name);
      if (match === null) return [];
      const path = join(directory, name);
      const programs = readdirSync(path)
        .filter((file) => file.startsWith(PROGRAM_PREFIX))
        .map((file) => file.slice(PROGRAM_PREFIX.length));
      return [
        {
          path,
          generation: BigInt(match[1] ?? 0),
          layoutVersion: Number(match[2]),
          stamp: match[3] ?? '',
          programs,
        },
      ];
    })
    .sort((a, b) => (a.generation < b.generation ? -1 : 1));
}

function removeSetFiles(path: string): void {
  const isLink = (name: string) => name.startsWith(LINK_PREFIX);
  const files = readdirSync(path);
  for (const name of [...files.filter(isLink), ...files.filter((name) => !isLink(name))]) unlinkSync(join(path, name));
  rmdirSync(path);
}

/** Blocks: starting is synchronous, from the lock to the hand-over. */
function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function openDirectory(path: string): number {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return openSync(path, 'r');
}

function isSameDirectory(fd: number, path: string): boolean {
  try {
    return fstatSync(fd, { bigint: true }).ino === statSync(path, { bigint: true }).ino;
  } catch {
    return false;
  }
}

function alreadyRunning(addon: NativeAddon, path: string): OomscopeError {
  const owner = readOwner(addon, path);
  const who = owner === null ? 'It is just starting.' : `Its process is ${owner.pid}.`;
  return new OomscopeError(
    'E_ALREADY_RUNNING',
    `Another oomscope records on this host and holds ${path}. ${who}`,
    owner?.url ? `Open ${owner.url}, or stop it first.` : 'Stop it first, or use its output.',
  );
}

/** Null where none was written yet, or it may not be read. */
function readOwner(addon: NativeAddon, path: string): Owner | null {
  try {
    return ownerFromBytes(addon.readPinnedValue(join(path, 'owner')));
  } catch {
    return null;
  }
}

function asNoBpffs<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw noBpffs(path, messageOf(error), error);
  }
}

/** The error for a place where nothing can be pinned. */
export function noBpffs(path: string, why: string, cause?: unknown): OomscopeError {
  return new OomscopeError(
    'E_NO_BPFFS',
    `Nothing can be pinned in ${path} (${why}).`,
    'Mount a BPF file system (`mount -t bpf bpf /sys/fs/bpf`), choose a writable place with --pin-dir, or give up surviving with --no-pins.',
    EXIT.unsupportedHost,
    { cause },
  );
}

/** False also where it cannot be seen: a BPF file system is usually root's alone. */
function directoryExists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if (codeOf(error) === 'EACCES') return false;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Keeps a directory that somebody else has files in, or that is the mount point itself. */
function removeDirectoryIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EBUSY', 'EACCES', 'EPERM'].includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
