import { type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises';
import { CHUNK_TARGET_BYTES } from '../../trace/limits.js';
import type { TraceMeta } from '../../trace/metadata.js';
import { TraceBuilder } from '../../trace/trace-builder.js';
import type { TraceMessage } from '../../trace/trace-message.js';
import type { Pack } from '../../trace/zstd.js';

export interface TraceFileOptions {
  readonly path: string;
  readonly meta: TraceMeta;
  readonly pack: Pack;
  /** How much may wait for the disk. */
  readonly queueLimitBytes: number;
  /** Called once when the file cannot be written any more; what is on the disk is intact. */
  readonly onFailed: (failure: WriteFailure) => void;
}

export interface WriteFailure {
  readonly error: Error;
  /** Messages that were taken and are not on the disk. */
  readonly lostCount: number;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly messageCount: number;
}

/** Only who recorded it may read it: a trace names processes and their cgroups. */
const FILE_MODE = 0o600;

/** One trace file on its way to the disk. Nothing here waits: pieces queue up, one write is under way at a time. */
export class TraceFileWriter {
  readonly path: string;
  readonly #builder: TraceBuilder;
  readonly #queue: Piece[] = [];
  #queuedBytes = 0;
  #chunkMessages = 0;
  /** All before this is whole pieces on the disk. */
  #goodBytes = 0;
  #file: FileHandle | null = null;
  #failed = false;
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: TraceFileOptions) {
    this.path = options.path;
    this.#builder = new TraceBuilder(options.meta, options.pack);
    this.#enqueue(this.#builder.begin(), 0);
  }

  /** Bytes that wait for the disk, or for their chunk to be closed. */
  get waitingBytes(): number {
    return this.#queuedBytes + this.#builder.pendingBytes;
  }

  /** How large the file is, or will be when all is written. */
  get sizeBytes(): number {
    return this.#builder.sizeBytes;
  }

  /** Nothing more is taken; `onFailed` is about to tell why, or has told. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  get hasOpenChunk(): boolean {
    return this.#chunkMessages > 0;
  }

  /** False = not taken: too much is waiting, the message is too large, or the file has failed. */
  add(message: TraceMessage, limitBytes = this.options.queueLimitBytes): boolean {
    if (this.#failed || this.waitingBytes + message.payload.length > limitBytes) return false;
    if (!this.#builder.add(message)) return false;
    this.#chunkMessages++;
    if (this.#builder.pendingBytes >= CHUNK_TARGET_BYTES) this.closeChunk();
    return true;
  }

  /** Sends what was added so far to the disk: from then on it outlives this process. */
  closeChunk(): void {
    if (this.#failed) return;
    const bytes = this.#builder.closeChunk();
    if (bytes !== null) this.#enqueue(bytes, this.#chunkMessages);
    this.#chunkMessages = 0;
  }

  /** Writes the rest and the index. Never throws: `onFailed` tells. */
  async close(): Promise<void> {
    this.closeChunk();
    if (!this.#failed) this.#enqueue(this.#builder.end(), 0);
    await this.#writing;
    try {
      await this.#file?.sync();
    } catch (error) {
      this.#fail(error, 0);
    }
    await this.#release();
  }

  #enqueue(bytes: Uint8Array, messageCount: number): void {
    this.#queue.push({ bytes, messageCount });
    this.#queuedBytes += bytes.length;
    if (!this.#isWriting) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let piece = this.#queue[0]; piece !== undefined; piece = this.#queue[0]) {
        await this.#write(piece.bytes);
        this.#queue.shift();
        this.#queuedBytes -= piece.bytes.length;
      }
    } catch (error) {
      await this.#abandon(error);
    }
    // In the same turn as the look at the empty queue, so that what is added next is seen.
    this.#isWriting = false;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#file === null) {
      this.#file = await begin(this.path, bytes);
    } else {
      await writeWhole(this.#file, bytes, this.#goodBytes);
    }
    this.#goodBytes += bytes.length;
  }

  /** Cuts off half a piece, and closes the file with an index of what is whole if there is room for one. */
  async #abandon(error: unknown): Promise<void> {
    const queued = this.#queue.reduce((sum, { messageCount }) => sum + messageCount, 0);
    const lostCount = queued + this.#chunkMessages;
    this.#failed = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    const file = this.#file;
    if (file !== null) {
      const good = this.#goodBytes;
      await file.truncate(good).catch(() => {});
      await writeWhole(file, this.#builder.end(good), good).catch(() => file.truncate(good).catch(() => {}));
    }
    await this.#release();
    this.options.onFailed({ error: asError(error), lostCount });
  }

  #fail(error: unknown, lostCount: number): void {
    if (this.#failed) return;
    this.#failed = true;
    this.options.onFailed({ error: asError(error), lostCount });
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch((error: unknown) => this.#fail(error, 0));
  }
}

/**
 * Gives the file its name only when its beginning is in it: whenever this process is killed, what has the name can be
 * opened. Never takes the name from another file.
 */
async function begin(path: string, bytes: Uint8Array): Promise<FileHandle> {
  const partPath = `${path}.part`;
  const file = await open(partPath, 'w', FILE_MODE);
  try {
    await writeWhole(file, bytes, 0);
    await moveWithoutOverwriting(partPath, path);
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(partPath).catch(() => {});
    throw error;
  }
}

async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    // A file system without hard links.
    const taken = await stat(to).then(
      () => true,
      () => false,
    );
    if (taken) throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST' });
    await rename(from, to);
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array, atByte: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, atByte + done);
    // A full disk may take a part first and refuse only the next write.
    if (bytesWritten === 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
