import { once } from 'node:events';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { messageOf, OomscopeError } from '../base/errors.js';
import type { Piece } from '../report/exporter.js';

/** Where an export goes. */
export interface ExportOutput {
  /** Resolves when there is room for more. Throws E_OUTPUT or E_FILE_UNWRITABLE. */
  write(piece: Piece): Promise<void>;
  /** Nobody reads on: the rest is not wanted, which is no error. */
  readonly isGone: boolean;
  /** All is written. */
  finish(): Promise<void>;
  /** It will not be whole: nothing half done is left behind. */
  abandon(): Promise<void>;
}

/**
 * A file that has its name only when it is whole. Throws E_FILE_EXISTS or E_FILE_UNWRITABLE before anything is begun.
 * Others read names of processes and cgroups in it as little as in a trace: mode 0600.
 */
export async function fileOutput(path: string): Promise<ExportOutput> {
  if (await isThere(path)) throw exists(path);
  const partPath = `${path}.${process.pid}.part`;
  const file = await open(partPath, 'wx', 0o600).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  const orUnwritable = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof OomscopeError ? error : unwritable(path, error);
    }
  };
  return {
    isGone: false,
    write: (piece) => (piece.length === 0 ? Promise.resolve() : orUnwritable(writeWhole(file, piece))),
    async finish() {
      await orUnwritable(file.sync());
      await orUnwritable(file.close());
      await orUnwritable(takeName(partPath, path));
    },
    async abandon() {
      await file.close().catch(() => {});
      await rm(partPath, { force: true });
    },
  };
}

async function writeWhole(file: FileHandle, piece: Piece): Promise<void> {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}

/** Never over a file that came meanwhile. A file system without hard links has only the check at the beginning. */
async function takeName(partPath: string, path: string): Promise<void> {
  try {
    await link(partPath, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path);
    await rename(partPath, path);
    return;
  }
  await rm(partPath, { force: true });
}

/** A pipe, mostly: it is written as fast as it is read, or until `ended`. */
export function streamOutput(stream: Writable, ended: Promise<unknown>): ExportOutput {
  let failure: NodeJS.ErrnoException | null = null;
  stream.on('error', (error) => {
    failure ??= error;
  });
  const isGone = () => failure?.code === 'EPIPE' || failure?.code === 'ERR_STREAM_DESTROYED';
  const check = () => {
    if (failure !== null && !isGone()) throw outputError(failure);
  };
  return {
    get isGone() {
      return isGone();
    },
    async write(piece) {
      check();
      if (piece.length > 0 && failure === null && !stream.write(piece)) {
        // An error ends the wait as well; it is looked at then.
        await Promise.race([once(stream, 'drain').catch(() => {}), ended]);
      }
      check();
    },
    async finish() {
      if (failure === null && stream.writableLength > 0) await new Promise((done) => stream.write('', done));
      check();
    },
    abandon: () => Promise.resolve(),
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function exists(path: string): OomscopeError {
  return new OomscopeError(
    'E_FILE_EXISTS',
    `${path} exists, and an export never overwrites a file.`,
    'Give another name, or remove it first.',
  );
}

function unwritable(path: string, error: unknown): OomscopeError {
  return new OomscopeError(
    'E_FILE_UNWRITABLE',
    `${path} cannot be written (${messageOf(error)}).`,
    'Give a place where you may write and where there is room.',
    undefined,
    { cause: error },
  );
}

function outputError(error: Error): OomscopeError {
  return new OomscopeError(
    'E_OUTPUT',
    `Standard output cannot be written (${error.message}).`,
    'Make room, or send the output elsewhere.',
    undefined,
    { cause: error },
  );
}
