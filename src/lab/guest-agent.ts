import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { OomscopeError } from '../base/errors.js';
import {
  decodeExit,
  encodeCommand,
  encodeFile,
  encodeFrame,
  encodePort,
  encodeU32,
  FRAME,
  type Frame,
  FrameReader,
  type GuestCommand,
  type GuestExit,
} from './protocol.js';

/** Takes a command's output as it comes. */
export interface OutputHandlers {
  readonly onStdout?: (bytes: Buffer) => void;
  readonly onStderr?: (bytes: Buffer) => void;
}

export interface GuestProcess {
  /** Rejects when the guest is lost, or when the command could not be started at all. */
  readonly exited: Promise<GuestExit>;
  /** Signals the command and what it started, as far as that stayed in its process group. */
  kill(signal: NodeJS.Signals): void;
}

/** What becomes of a request. */
export interface StreamHandlers {
  /** Every frame of its stream; the last one is an exit or a result. */
  onFrame(frame: Frame): void;
  /** The guest was lost before. */
  fail(error: Error): void;
}

/**
 * The guest's agent, at the other end of a byte stream. Runs any number of commands at a time.
 * Whoever made the stream knows why it ended, and calls `lose` then.
 */
export class GuestAgent {
  readonly #stream: Duplex;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, StreamHandlers>();
  #nextStream = 1;
  #lostBecause: Error | null = null;
  #heardMs = Date.now();
  /** Resolves with the guest's kernel release. Rejects when the stream ends first. */
  readonly hello: Promise<string>;
  #greet: (release: string) => void = () => {};
  #refuse: (error: Error) => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.hello = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#refuse = reject;
    });
    // Whoever needs it awaits it; a guest that is given up before has nobody who does.
    this.hello.catch(() => {});
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    // Its end follows.
    stream.on('error', () => {});
  }

  /** Milliseconds since the guest was last heard of: it says something every two seconds. */
  silentMs(): number {
    return this.#stream.isPaused() ? 0 : Date.now() - this.#heardMs;
  }

  /** Stops reading, for a receiver that cannot keep up: the guest's commands wait when their pipes are full. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#heardMs = Date.now();
    this.#stream.resume();
  }

  spawn(command: GuestCommand, handlers: OutputHandlers = {}): GuestProcess {
    let stream = 0;
    const exited = new Promise<GuestExit>((resolve, reject) => {
      stream = this.open(FRAME.spawn, encodeCommand(command), {
        onFrame: ({ type, payload }) => {
          if (type === FRAME.stdout) handlers.onStdout?.(payload);
          else if (type === FRAME.stderr) handlers.onStderr?.(payload);
          else if (type === FRAME.exit) resolve(decodeExit(payload));
          else reject(new Error(`the guest cannot start ${command.argv[0]}: ${errnoText(payload.readUInt32LE(0))}`));
        },
        fail: reject,
      });
    });
    // A caller that only kills it need not await it.
    exited.catch(() => {});
    return { exited, kill: (signal) => this.send(FRAME.signal, stream, encodeU32(constants.signals[signal])) };
  }

  /** Stores a file in the guest. Its directory must be there. */
  async writeFile(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
    for (const [type, payload] of encodeFile(path, bytes, mode)) await this.#request(type, payload, `write ${path}`);
  }

  /** Hands connections to the guest's uplink on to the same port of its loopback. */
  async proxy(port: number): Promise<void> {
    await this.#request(FRAME.proxy, encodePort(port), `listen on port ${port}`);
  }

  /** Nothing more will come: everything that waits fails with `error`. */
  lose(error: Error): void {
    if (this.#lostBecause !== null) return;
    this.#lostBecause = error;
    this.#refuse(error);
    for (const pending of this.#pending.values()) pending.fail(error);
    this.#pending.clear();
    this.#stream.destroy();
  }

  /** Sends a request on a stream of its own; returns its number. The methods above are made of it. */
  open(type: string, payload: Buffer, handlers: StreamHandlers): number {
    const stream = this.#nextStream++;
    if (this.#lostBecause !== null) {
      handlers.fail(this.#lostBecause);
      return stream;
    }
    this.#pending.set(stream, handlers);
    this.send(type, stream, payload);
    return stream;
  }

  /** Says more on a stream that is open. */
  send(type: string, stream: number, payload: Uint8Array): void {
    if (this.#lostBecause === null) this.#stream.write(encodeFrame(type, stream, payload));
  }

  #request(type: string, payload: Buffer, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.open(type, payload, {
        onFrame: (frame) => {
          const errno = frame.payload.readUInt32LE(0);
          if (errno === 0) resolve();
          else reject(new Error(`cannot ${what}: ${errnoText(errno)}`));
        },
        fail: reject,
      });
    });
  }

  #take(bytes: Buffer): void {
    this.#heardMs = Date.now();
    let frames: Frame[];
    try {
      frames = this.#reader.push(bytes);
    } catch (error) {
      const reason = `it sent ${(error as Error).message}`;
      this.lose(new OomscopeError('E_LAB_LOST', `the guest is gone: ${reason}.`, 'Start it again.'));
      return;
    }
    for (const frame of frames) {
      if (frame.type === FRAME.hello) {
        this.#greet(frame.payload.toString());
        continue;
      }
      const handlers = this.#pending.get(frame.stream);
      if (frame.type === FRAME.exit || frame.type === FRAME.result) this.#pending.delete(frame.stream);
      handlers?.onFrame(frame);
    }
  }
}

function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}
