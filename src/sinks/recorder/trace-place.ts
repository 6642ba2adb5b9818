import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** Where trace files go. */
export interface TracePlace {
  readonly directory: string;
  /** The path of the next file. */
  nextPath(hostname: string, epochUs: number, label: string | null): string;
  /** Makes room before a new file: removes the oldest files over the cap. */
  prune(): Promise<void>;
}

/** One file by name; the next, after a failure, gets a number: `kills.mcap`, `kills-2.mcap`. */
export function singleFile(path: string): TracePlace {
  let count = 0;
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  return {
    directory: dirname(path),
    nextPath() {
      count++;
      return count === 1 ? path : `${stem}-${count}${extension}`;
    },
    prune: () => Promise.resolve(),
  };
}

/**
 * Files of one sort in a directory, `SORT-HOST-TIME[-LABEL].mcap`, at most `capBytes` of them in all. Only files of that
 * sort are ever removed, oldest first.
 */
export function fileDirectory(directory: string, sort: 'oomscope' | 'incident', capBytes: number): TracePlace {
  const given = new Set<string>();
  return {
    directory,
    nextPath(hostname, epochUs, label) {
      const host = hostname.replace(/[^\w.-]/g, '_').slice(0, 63) || 'node';
      const stem = [sort, host, compactTime(epochUs), ...(label === null ? [] : [label])].join('-');
      // Two files in the same millisecond.
      let path = join(directory, `${stem}.mcap`);
      for (let again = 2; given.has(path); again++) path = join(directory, `${stem}-${again}.mcap`);
      given.add(path);
      return path;
    },
    prune: () => prune(directory, sort, capBytes),
  };
}

/** `20261123T190112.123Z`. */
function compactTime(epochUs: number): string {
  return new Date(epochUs / 1000).toISOString().replace(/[-:]/g, '');
}

const LEFTOVER_MS = 60_000;

async function prune(directory: string, sort: string, capBytes: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(`${sort}-`));
  const found = (await Promise.all(names.map((name) => sizeOf(join(directory, name))))).filter((file) => file !== null);
  // A file has this name for a millisecond, until its beginning is written; one that kept it was not begun.
  const leftovers = found.filter(({ path, mtimeMs }) => path.endsWith('.part') && Date.now() - mtimeMs > LEFTOVER_MS);
  await Promise.all(leftovers.map(({ path }) => rm(path, { force: true })));

  const files = found.filter(({ path }) => path.endsWith('.mcap')).sort((a, b) => a.mtimeMs - b.mtimeMs);
  let totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files) {
    if (totalBytes <= capBytes) return;
    await rm(path, { force: true });
    totalBytes -= size;
  }
}

/** Null = it is gone: a person may tidy up at any time. */
async function sizeOf(path: string): Promise<{ path: string; size: number; mtimeMs: number } | null> {
  return stat(path).then(
    ({ size, mtimeMs }) => ({ path, size, mtimeMs }),
    () => null,
  );
}

/** Bytes that this process may still write there; Infinity where the file system does not say. */
export async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
