import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../../src/lab/free-port.js';
import type { LabKernelName } from '../../../src/lab/kernels.js';
import { GUEST_PAGE_PORT } from '../../../src/lab/live-guest.js';
import { bootMachine, type Machine } from '../../../src/lab/machine.js';
import { showProgress } from '../../../src/lab/progress.js';
import { encodeFrame, encodeU32, FRAME, FrameReader } from '../../../src/lab/protocol.js';
import { RESET_SCRIPT } from './reset.js';

const SIGKILL = 9;

/** What a client learns with the hello. */
export interface VmGreeting {
  readonly release: string;
  /** Of the host; leads to the page in the guest. */
  readonly pagePort: number;
  readonly bootMs: number;
}

/**
 * Holds one guest for many test files, each in a process of its own. A file has the guest to itself until it goes;
 * then what it left is cleared away and the next one gets it.
 */
export class VmBroker {
  readonly #socketPath: string;
  readonly #errorPath: string;
  readonly #server: Server;
  #machine: Promise<{ machine: Machine; pagePort: number }> | null = null;
  #client: Socket | null = null;
  #free: Promise<void> = Promise.resolve();

  constructor(
    readonly kernel: LabKernelName,
    directory: string,
  ) {
    this.#socketPath = join(directory, `${kernel}.sock`);
    this.#errorPath = join(directory, `${kernel}.error`);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.#socketPath, resolve));
  }

  async stop(): Promise<void> {
    this.#server.close();
    const booted = await this.#machine?.catch(() => null);
    this.#machine = null;
    await booted?.machine.stop();
  }

  #accept(socket: Socket): void {
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    this.#free = this.#free.then(() => this.#serve(socket, gone)).catch((error: Error) => this.#refuse(socket, error));
  }

  /** Until the client has gone. */
  async #serve(socket: Socket, gone: Promise<void>): Promise<void> {
    if (socket.destroyed) return;
    this.#machine ??= this.#boot().catch((error: unknown) => {
      // The next client tries again.
      this.#machine = null;
      throw error;
    });
    const { machine, pagePort } = await this.#machine;
    this.#client = socket;
    await reset(machine);
    const endAll = relay(machine, socket);
    const greeting: VmGreeting = { release: machine.kernelRelease, pagePort, bootMs: machine.bootMs };
    socket.write(encodeFrame(FRAME.hello, 0, Buffer.from(JSON.stringify(greeting))));
    await gone;
    endAll();
  }

  /** The client finds the reason in a file: the line is for frames. */
  #refuse(socket: Socket, error: Error): void {
    writeFileSync(this.#errorPath, error.message);
    socket.destroy();
  }

  async #boot(): Promise<{ machine: Machine; pagePort: number }> {
    const pagePort = await freePort(0);
    const progress = showProgress(process.stderr, `vm ${this.kernel}: `);
    const machine = await bootMachine({
      kernel: this.kernel,
      forwards: [{ hostPort: pagePort, guestPort: GUEST_PAGE_PORT }],
      progress,
    });
    progress.note(`Linux ${machine.kernelRelease} is up after ${(machine.bootMs / 1000).toFixed(1)} s`);
    progress.end();
    void machine.lost.then((error) => this.#forget(machine, error));
    return { machine, pagePort };
  }

  /**
   * The next client gets a new guest. QEMU is known for one fault (src/lab/guest-console.ts); only that is nobody's
   * here.
   */
  #forget(machine: Machine, error: Error): void {
    if (this.#machine === null) return;
    process.stderr.write(`vm ${this.kernel}: ${error.message}\n`);
    if (!machine.isEmulatorFault) {
      process.stderr.write(`vm ${this.kernel}: for no known fault of the emulator, so this run has failed\n`);
      // A retry that passes must not hide it.
      process.exitCode = 1;
    }
    this.#machine = null;
    if (this.#client !== null) this.#refuse(this.#client, error);
  }
}

/** Passes frames on in both directions, under other stream numbers. Returns what ends the client's commands. */
function relay(machine: Machine, socket: Socket): () => void {
  const reader = new FrameReader();
  const running = new Map<number, number>();
  socket.on('data', (bytes: Buffer) => {
    for (const { type, stream, payload } of reader.push(bytes)) {
      const open = running.get(stream);
      if (open !== undefined) {
        machine.agent.send(type, open, payload);
        continue;
      }
      // A signal for what has ended meanwhile.
      if (type === FRAME.signal) continue;
      const onFrame = (frame: { readonly type: string; readonly payload: Buffer }) => {
        if (frame.type === FRAME.exit || frame.type === FRAME.result) running.delete(stream);
        socket.write(encodeFrame(frame.type, stream, frame.payload));
      };
      running.set(stream, machine.agent.open(type, payload, { onFrame, fail: () => socket.destroy() }));
    }
  });
  return () => {
    for (const stream of running.values()) machine.agent.send(FRAME.signal, stream, encodeU32(SIGKILL));
  };
}

async function reset(machine: Machine): Promise<void> {
  const left: Buffer[] = [];
  const { status } = await machine.spawn(['bash', '-c', RESET_SCRIPT], {
    onStdout: (bytes) => left.push(bytes),
    onStderr: (bytes) => left.push(bytes),
  }).exited;
  const text = Buffer.concat(left).toString().trim();
  if (status !== 0) throw new Error(`the guest could not be cleared for the next test file: ${text}`);
  if (text !== '') process.stderr.write(`vm ${machine.kernel}: a test file left behind: ${text}\n`);
}
