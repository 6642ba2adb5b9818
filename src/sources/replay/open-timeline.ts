import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { OomscopeError } from '../../base/errors.js';
import { Timeline } from '../../trace/play/timeline.js';
import { openTrace } from '../../trace/trace-file.js';
import { loadZstd } from '../../trace/zstd-wasm.js';
import { type FileBytes, openFileBytes } from './file-bytes.js';

/** Files that are open as one timeline. */
export interface OpenTimeline {
  readonly timeline: Timeline;
  /** What is wrong with them, and yet lets most of them be read. */
  readonly problems: readonly OomscopeError[];
  close(): Promise<void>;
}

/** Opens files, and the traces in directories. Throws OomscopeError; then none is left open. */
export async function openTimeline(
  paths: readonly string[],
  onProgress: (doneBytes: number, totalBytes: number, path: string) => void,
): Promise<OpenTimeline> {
  const { unpack } = await loadZstd();
  const sources: FileBytes[] = [];
  const close = async () => {
    await Promise.all(sources.map((source) => source.close()));
  };
  try {
    const files = [];
    for (const path of await tracePaths(paths)) {
      const source = await openFileBytes(path);
      sources.push(source);
      files.push(
        await openTrace(source, { unpack, crc32, onProgress: (done, total) => onProgress(done, total, path) }),
      );
    }
    return { timeline: Timeline.of(files), problems: files.flatMap(({ problems }) => problems), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What cannot be looked at is left to be refused when it is opened. */
async function tracePaths(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const isDirectory = await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      return isDirectory ? await tracesIn(path) : [path];
    }),
  );
  return lists.flat();
}

async function tracesIn(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.mcap')).sort();
  if (names.length > 0) return names.map((name) => join(directory, name));
  throw new OomscopeError(
    'E_FILE_UNREADABLE',
    `There is no trace in ${directory}: no file that ends in .mcap.`,
    'Give a file, or the directory of `oomscope live --record`.',
  );
}
