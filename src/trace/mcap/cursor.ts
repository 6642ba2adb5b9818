import { damaged, type TraceError } from '../trace-error.js';
import { RECORD_HEAD_BYTES } from './format.js';

const utf8 = new TextDecoder();

/** Reads little-endian fields in order, never beyond `end`. Every refusal names its place in the file. */
export class Cursor {
  readonly #view: DataView;
  #at = 0;

  constructor(
    readonly fileName: string,
    readonly bytes: Uint8Array,
    /** Where the first of `bytes` stands in the file. */
    readonly firstByte: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The place of the next field in the file. */
  get atByte(): number {
    return this.firstByte + this.#at;
  }

  get leftBytes(): number {
    return this.bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A length, an offset or a count: more than 2^53 is refused, for no file has it. */
  u64(): number {
    const at = this.#advance(8);
    const value = this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.error(`a 64-bit number is ${value}`, at);
    return value;
  }

  /** Nanoseconds, as µs. */
  timeUs(): number {
    return timeUs(this.#view, this.#advance(8));
  }

  string(): string {
    return utf8.decode(this.take(this.u32()));
  }

  /** The next bytes, not copied. */
  take(lengthBytes: number): Uint8Array {
    const at = this.#advance(lengthBytes);
    return this.bytes.subarray(at, at + lengthBytes);
  }

  /** The next record: what stands in it as a cursor of its own. */
  record(): { readonly opcode: number; readonly atByte: number; readonly body: Cursor } {
    const atByte = this.atByte;
    const opcode = this.u8();
    const lengthBytes = this.u64();
    const bodyAtByte = this.atByte;
    return { opcode, atByte, body: new Cursor(this.fileName, this.take(lengthBytes), bodyAtByte) };
  }

  /** Whether a whole record head is left. */
  get hasRecord(): boolean {
    return this.leftBytes >= RECORD_HEAD_BYTES;
  }

  error(what: string, at = this.#at): TraceError {
    return damaged(this.fileName, this.firstByte + at, what);
  }

  #advance(lengthBytes: number): number {
    if (lengthBytes > this.leftBytes)
      throw this.error(`${lengthBytes} bytes are needed and ${this.leftBytes} are left`);
    const at = this.#at;
    this.#at += lengthBytes;
    return at;
  }
}

/** A u64 of nanoseconds as whole µs: exact, though the nanoseconds are more than 2^53. */
export function timeUs(view: DataView, at: number): number {
  const low = view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  const quotient = Math.floor(high / 1000);
  return quotient * 2 ** 32 + Math.floor(((high % 1000) * 2 ** 32 + low) / 1000);
}
