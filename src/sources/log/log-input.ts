import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, OomscopeError } from '../../base/errors.js';

/** A log that is being read. */
export interface LogInput {
  /** For messages. */
  readonly name: string;
  /** µs since 1970: when it was written to last. */
  readonly notAfterUs: number;
  /** Null = not known: a pipe. */
  readonly sizeBytes: number | null;
  /** Bytes of the file read so far, before they are unpacked. */
  readonly doneBytes: () => number;
  /** Unpacked. Throws E_FILE_UNREADABLE, or E_IMPORT_UNREADABLE where gzip data are cut or damaged. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Opens a log; "-" = standard input. A log that gzip has packed is unpacked. Throws E_FILE_UNREADABLE. */
export async function openLog(path: string): Promise<LogInput> {
  if (path === '-') return inputOf('standard input', process.stdin, Date.now() * 1000, null);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stats = await file.stat();
    if (stats.isDirectory()) throw new Error('it is a directory');
    const stream = createReadStream(path, { fd: file, highWaterMark: CHUNK_BYTES });
    return inputOf(path, stream, stats.mtimeMs * 1000, stats.isFile() ? stats.size : null);
  } catch (error) {
    await file?.close();
    throw unreadable(path, error);
  }
}

const CHUNK_BYTES = 256 * 1024;

function inputOf(name: string, stream: Readable, notAfterUs: number, sizeBytes: number | null): LogInput {
  let doneBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
        doneBytes += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw unreadable(name, error);
    }
  }
  return { name, notAfterUs, sizeBytes, doneBytes: () => doneBytes, chunks: unpacked(name, counted()) };
}

/** journald's and logrotate's older files are packed with gzip: 1f 8b at the beginning, whatever the name. */
async function* unpacked(name: string, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const head: Uint8Array[] = [];
  for (let length = 0; length < 2; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* head;
    yield* chunks;
  }
  const [first = 0, second = 0] = Buffer.concat(head.map((chunk) => chunk.subarray(0, 2)));
  if (first !== 0x1f || second !== 0x8b) {
    yield* all();
    return;
  }
  const source = Readable.from(all(), { objectMode: false });
  const gunzip = source.pipe(createGunzip());
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    throw error instanceof OomscopeError ? error : damaged(name, error);
  }
}

function damaged(name: string, error: unknown): OomscopeError {
  return new OomscopeError(
    'E_IMPORT_UNREADABLE',
    `${name} is packed with gzip, and cut or damaged (${messageOf(error)}).`,
    'What stands before the damage was imported.',
    undefined,
    { cause: error },
  );
}

function unreadable(name: string, error: unknown): OomscopeError {
  return new OomscopeError(
    'E_FILE_UNREADABLE',
    `${name} cannot be read (${messageOf(error)}).`,
    'Check its name and that you may read it.',
    undefined,
    { cause: error },
  );
}
