import { damaged } from './trace-error.js';

/** The bytes of a trace: of a file on disk, of one dropped on the page, of memory. Their number does not change. */
export interface ByteSource {
  /** How messages call it. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * Exactly these bytes. Asked for bytes that are there; throws OomscopeError E_FILE_UNREADABLE where the device does
   * not give them. The answer belongs to the caller.
   */
  read(atByte: number, lengthBytes: number): Promise<Uint8Array>;
}

/** Bytes in memory. */
export function memoryBytes(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: (atByte, lengthBytes) => Promise.resolve(bytes.subarray(atByte, atByte + lengthBytes)),
  };
}

/** Reads what a file says is there: first asks whether it can be. `what` is the thing with that length. */
export function readClaimed(
  source: ByteSource,
  atByte: number,
  lengthBytes: number,
  limitBytes: number,
  what: string,
): Promise<Uint8Array> {
  if (lengthBytes > limitBytes) {
    throw damaged(source.name, atByte, `${what} claims ${lengthBytes} bytes; ${limitBytes} are the most there can be`);
  }
  const leftBytes = source.sizeBytes - atByte;
  if (atByte < 0 || lengthBytes > leftBytes) {
    throw damaged(
      source.name,
      atByte,
      `${what} claims ${lengthBytes} bytes and the file has ${Math.max(0, leftBytes)}`,
    );
  }
  return source.read(atByte, lengthBytes);
}

const WINDOW_BYTES = 256 * 1024;

/** Many small reads, mostly forward, as few large ones. */
export class ReadWindow {
  #bytes: Uint8Array = new Uint8Array(0);
  #atByte = 0;

  constructor(private readonly source: ByteSource) {}

  /** At most WINDOW_BYTES that are in the file. Valid until the next call. */
  async read(atByte: number, lengthBytes: number): Promise<Uint8Array> {
    const isInside = atByte >= this.#atByte && atByte + lengthBytes <= this.#atByte + this.#bytes.length;
    if (!isInside) {
      const size = Math.min(Math.max(lengthBytes, WINDOW_BYTES), this.source.sizeBytes - atByte);
      this.#bytes = await this.source.read(atByte, size);
      this.#atByte = atByte;
    }
    return this.#bytes.subarray(atByte - this.#atByte, atByte - this.#atByte + lengthBytes);
  }
}
