import { type FileHandle, open } from 'node:fs/promises';
import { OomscopeError } from '../../base/errors.js';
import type { ByteSource } from '../../trace/bytes.js';

/** A file on disk as the bytes of a trace. Close it when the trace is no longer read. */
export interface FileBytes extends ByteSource {
  close(): Promise<void>;
}

/** Throws E_FILE_UNREADABLE. */
export async function openFileBytes(path: string): Promise<FileBytes> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw unreadable(path, new Error(stats.isDirectory() ? 'it is a directory' : 'it is no regular file'));
  }
  return {
    name: path,
    // A file that is still written to is read as it is now.
    sizeBytes: stats.size,
    read: (atByte, lengthBytes) => readExactly(file, path, atByte, lengthBytes),
    close: () => file.close(),
  };
}

async function readExactly(file: FileHandle, path: string, atByte: number, lengthBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  try {
    for (let done = 0; done < lengthBytes; ) {
      const { bytesRead } = await file.read(bytes, done, lengthBytes - done, atByte + done);
      if (bytesRead === 0) throw new Error(`it was cut to ${atByte + done} bytes while it was read`);
      done += bytesRead;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return bytes;
}

function unreadable(path: string, error: unknown): OomscopeError {
  const why = error instanceof Error ? error.message : String(error);
  return new OomscopeError(
    'E_FILE_UNREADABLE',
    `${path} cannot be read (${why}).`,
    'Check its name and that you may read it.',
    undefined,
    { cause: error },
  );
}
