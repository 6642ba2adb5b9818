import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupMemory, Limit } from '../../events/cgroup.js';
import { type Mount, memoryCgroupVersion, parseMounts } from '../kernel/proc-text.js';
import { readText } from './read-text.js';

/** The hierarchy that carries the memory controller. */
export interface CgroupMount {
  readonly path: string;
  readonly version: 1 | 2;
}

/** Null = none is mounted here. */
export function findCgroupMount(): CgroupMount | null {
  const mounts = parseMounts(readText('/proc/self/mountinfo') ?? '');
  const v2 = mounts.find((mount) => mount.type === 'cgroup2');
  const controllers = v2 === undefined ? null : readText(`${v2.path}/cgroup.controllers`);
  const version = memoryCgroupVersion(mounts, controllers);
  if (version === null) return null;
  const isV1Memory = (mount: Mount) => mount.type === 'cgroup' && mount.superOptions.includes('memory');
  const path = version === 2 ? v2?.path : mounts.find(isV1Memory)?.path;
  return path === undefined ? null : { path, version };
}

/**
 * Every cgroup of the tree, in the kernel's own order of walking it: a parent before its children, those in the order in
 * which they were made (their ids grow). Some six small files each: some milliseconds for a hundred cgroups.
 */
export function readCgroupTree(mount: CgroupMount): CgroupMemory[] {
  const found: CgroupMemory[] = [];
  const visit = (path: string, level: number) => {
    const directory = join(mount.path, path);
    const id = inodeOf(directory);
    if (id === null) return;
    found.push(readCgroup(mount, path, level, id));
    const children = subdirectories(directory)
      .map((name) => ({ path: join(path, name), id: inodeOf(join(directory, name)) }))
      .sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
    for (const child of children) visit(child.path, level + 1);
  };
  visit('/', 0);
  return found;
}

const FILES = {
  1: {
    usage: 'memory.usage_in_bytes',
    max: 'memory.limit_in_bytes',
    high: null,
    swap: 'memory.memsw.usage_in_bytes',
    swapMax: 'memory.memsw.limit_in_bytes',
    oomGroup: null,
  },
  2: {
    usage: 'memory.current',
    max: 'memory.max',
    high: 'memory.high',
    swap: 'memory.swap.current',
    swapMax: 'memory.swap.max',
    oomGroup: 'memory.oom.group',
  },
} as const;

/** What of a cgroup the sampler does not read. */
export function readSwapLimit({ path: mountPath, version }: CgroupMount, path: string): Limit {
  return path === '/' ? null : parseLimit(trimmed(join(mountPath, path, FILES[version].swapMax)));
}

export function readOomGroup({ path: mountPath, version }: CgroupMount, path: string): boolean {
  const { oomGroup } = FILES[version];
  return oomGroup !== null && trimmed(join(mountPath, path, oomGroup)) === '1';
}

function trimmed(path: string): string | null {
  return readText(path)?.trim() ?? null;
}

function readCgroup({ path: mountPath, version }: CgroupMount, path: string, level: number, id: number): CgroupMemory {
  const files = FILES[version];
  const text = (name: string | null) => (name === null ? null : trimmed(join(mountPath, path, name)));
  // What is charged to the root is not counted there, and it has no limit: v1 has files that pretend.
  const isRoot = level === 0;
  const amount = (name: string) => (isRoot ? null : parseAmount(text(name)));
  const limit = (name: string | null) => (isRoot ? null : parseLimit(text(name)));
  return {
    id,
    path,
    pathTruncated: false,
    level,
    usageBytes: amount(files.usage),
    maxBytes: limit(files.max),
    highBytes: limit(files.high),
    swapBytes: amount(files.swap),
    swapMaxBytes: limit(files.swapMax),
    swapIsMemsw: version === 1,
    oomGroup: text(files.oomGroup) === '1',
  };
}

/** v1 writes "none" as LONG_MAX rounded down to a page; 2^60 bytes is more than any machine has. */
const UNLIMITED_BYTES = 2 ** 60;

function parseLimit(text: string | null): number | 'max' | null {
  if (text === 'max') return 'max';
  const bytes = parseAmount(text);
  return bytes !== null && bytes >= UNLIMITED_BYTES ? 'max' : bytes;
}

function parseAmount(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry: Dirent) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A directory's inode is the cgroup's id. */
function inodeOf(directory: string): number | null {
  try {
    return statSync(directory).ino;
  } catch {
    return null;
  }
}
