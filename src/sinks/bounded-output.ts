import type { Writable } from 'node:stream';

/** As a pipe's reader may pause for a moment. A single large ballot takes some megabytes of JSON. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
const FLUSH_DEADLINE_MS = 1_000;

export interface OutputOptions {
  /** Called once when nobody will read any more: null = the reader closed its end (EPIPE). */
  readonly onGone: (error: Error | null) => void;
  readonly maxBufferedBytes?: number;
}

/** Text into a stream whose reader may be slow, or gone. What does not fit is dropped and counted; nothing ever waits. */
export class BoundedOutput {
  private readonly maxBufferedBytes: number;
  private gone = false;
  private droppedCount = 0;

  constructor(
    private readonly stream: Writable,
    private readonly options: OutputOptions,
  ) {
    this.maxBufferedBytes = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES;
    stream.on('error', this.onError);
  }

  /** Writes `text` whole or not at all. */
  write(text: string): void {
    if (this.gone) return;
    if (this.isFull) this.droppedCount++;
    else this.stream.write(text);
  }

  get isFull(): boolean {
    return this.stream.writableLength > this.maxBufferedBytes;
  }

  /** How many texts were dropped since the last call; 0 while there is still no room to tell. */
  takeDropped(): number {
    if (this.isFull || this.gone) return 0;
    const count = this.droppedCount;
    this.droppedCount = 0;
    return count;
  }

  /** Waits until all is read, but not for ever. */
  async flush(): Promise<void> {
    if (this.gone || this.stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, FLUSH_DEADLINE_MS);
      // Called when all before it is written, or failed.
      this.stream.write('', () => {
        clearTimeout(deadline);
        resolve();
      });
    });
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    if (this.gone) return;
    this.gone = true;
    this.options.onGone(error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' ? null : error);
  };
}
