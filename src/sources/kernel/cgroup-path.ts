import { RecordReader } from './record-reader.js';

/**
 * "app\0pod1\0kubepods\0" → "/kubepods/pod1/app"; null = no path was recorded. Where the outermost parts are missing it
 * begins with "…", so that it cannot be taken for a whole path.
 */
export function cgroupPath(names: Uint8Array, isRoot: boolean, truncated: boolean): string | null {
  if (names.length === 0) return isRoot ? '/' : null;
  const parts: string[] = [];
  for (let start = 0; start < names.length; ) {
    const end = names.indexOf(0, start);
    const stop = end < 0 ? names.length : end;
    parts.push(RecordReader.text(names.subarray(start, stop)));
    start = stop + 1;
  }
  return `${truncated ? '…' : ''}/${parts.reverse().join('/')}`;
}

/**
 * The path of an ancestor: its record carries none, since the path of the cgroup below holds it. Null = it lies in the
 * part that was cut off, or nothing is known.
 */
export function ancestorPath(below: { path: string | null; level: number }, ancestorLevel: number): string | null {
  if (ancestorLevel === 0) return '/';
  if (below.path === null) return null;
  const parts = below.path.split('/');
  // parts[0] is what stands before the first slash: '' or '…'.
  const kept = parts.length - 1 - (below.level - ancestorLevel);
  return kept < 1 ? null : parts.slice(0, kept + 1).join('/');
}

/** Remembers the paths of the cgroups that were recorded last, by id. An id is never used again before a reboot. */
export class CgroupPaths {
  private readonly paths = new Map<number, string>();

  constructor(private readonly capacity: number) {}

  remember(id: number, path: string): void {
    // A Map keeps the order of insertion: the first is the one that was not used for longest.
    this.paths.delete(id);
    this.paths.set(id, path);
    if (this.paths.size <= this.capacity) return;
    const [oldest] = this.paths.keys();
    if (oldest !== undefined) this.paths.delete(oldest);
  }

  find(id: number | null): string | null {
    return id === null ? null : (this.paths.get(id) ?? null);
  }
}
