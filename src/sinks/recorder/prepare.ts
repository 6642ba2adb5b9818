import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OomscopeError } from '../../base/errors.js';

/** Refuses, before anything is begun, a file that cannot be recorded into. Throws E_FILE_EXISTS or E_FILE_UNWRITABLE. */
export async function prepareFile(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new OomscopeError(
      'E_FILE_EXISTS',
      `${path} exists, and a recording never overwrites one.`,
      'Give another name, or remove it first.',
    );
  }
  await checkDirectory(dirname(path));
}

/**
 * Makes the directory where it is missing, and not those above it: a name that was mistyped should not become a tree.
 * (Node's recursive mkdir never returns in /proc.) Throws E_FILE_UNWRITABLE.
 */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    const isThere = await stat(directory).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (!isThere) throw unwritable(directory, error);
  }
  await checkDirectory(directory);
}

async function checkDirectory(directory: string): Promise<void> {
  try {
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function unwritable(directory: string, error: unknown): OomscopeError {
  const why = error instanceof Error ? error.message : String(error);
  return new OomscopeError(
    'E_FILE_UNWRITABLE',
    `No trace can be written to ${directory} (${why}).`,
    'Give a directory that you may write to; only the last part of its path is made.',
    undefined,
    { cause: error },
  );
}
