/**
 * What the host and the guest's agent say to each other. lab/guest/protocol.h is the other half.
 * A frame: u32 payload length, u32 stream, u8 type (little endian), payload.
 */
export const FRAME = {
  // to the guest
  spawn: 'S',
  signal: 'K',
  file: 'F',
  fileAppend: 'A',
  proxy: 'P',
  // from the guest
  hello: 'H',
  beat: 'B',
  stdout: 'o',
  stderr: 'e',
  exit: 'x',
  result: 'r',
} as const;

/** Name of the virtio-serial port that carries the frames. */
export const PORT_NAME = 'oomscope.lab';

export const FRAME_MAX_BYTES = 1024 * 1024;
const HEADER_BYTES = 9;

export interface Frame {
  readonly type: string;
  readonly stream: number;
  readonly payload: Buffer;
}

export function encodeFrame(type: string, stream: number, payload: Uint8Array): Buffer {
  if (payload.length > FRAME_MAX_BYTES) throw new RangeError(`a frame of ${payload.length} bytes`);
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(stream, 4);
  frame.writeUInt8(type.charCodeAt(0), 8);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Puts frames together from a stream that is cut anywhere. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. Throws RangeError on a length that no sender of ours writes. */
  push(bytes: Buffer): Frame[] {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (this.#held.length - at >= HEADER_BYTES) {
      const length = this.#held.readUInt32LE(at);
      if (length > FRAME_MAX_BYTES) throw new RangeError(`a frame of ${length} bytes`);
      const end = at + HEADER_BYTES + length;
      if (this.#held.length < end) break;
      frames.push({
        type: String.fromCharCode(this.#held.readUInt8(at + 8)),
        stream: this.#held.readUInt32LE(at + 4),
        payload: this.#held.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#held = this.#held.subarray(at);
    return frames;
  }
}

/** A command for the guest. */
export interface GuestCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function encodeCommand(command: GuestCommand): Buffer {
  const words = [
    command.cwd,
    String(command.argv.length),
    ...command.argv,
    ...Object.entries(command.environment).map(([name, value]) => `${name}=${value}`),
  ];
  const nul = words.find((word) => word.includes('\0'));
  if (nul !== undefined) throw new TypeError(`a NUL in a word of a command: ${JSON.stringify(nul)}`);
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

/** The frames that store a file, in order. `mode` as chmod takes it. */
export function* encodeFile(path: string, bytes: Uint8Array, mode: number): Generator<[type: string, payload: Buffer]> {
  const head = Buffer.from(`${mode.toString(8)}\0${path}\0`);
  const room = FRAME_MAX_BYTES - head.length;
  let at = 0;
  do {
    yield [at === 0 ? FRAME.file : FRAME.fileAppend, Buffer.concat([head, bytes.subarray(at, at + room)])];
    at += room;
  } while (at < bytes.length);
}

export function encodeU32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function encodePort(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(port);
  return bytes;
}

/** How a command ended. */
export interface GuestExit {
  /** As a shell has it: the exit status, or 128 + n after signal n. */
  readonly status: number;
  /** Number of the signal that ended it; null = it exited. */
  readonly signal: number | null;
}

/** From a wait status (wait(2)). */
export function decodeExit(payload: Buffer): GuestExit {
  const waitStatus = payload.readUInt32LE(0);
  const signal = waitStatus & 0x7f;
  return signal === 0 ? { status: (waitStatus >> 8) & 0xff, signal: null } : { status: 128 + signal, signal };
}
