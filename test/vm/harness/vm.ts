import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from 'vitest';
import { GuestAgent } from '../../../src/lab/guest-agent.js';
import type { LabKernelName } from '../../../src/lab/kernels.js';
import { bootMachine, type Machine, type MachineOptions } from '../../../src/lab/machine.js';
import { SILENT } from '../../../src/lab/progress.js';
import { guestEnvironment, PROJECT_ROOT } from '../../../src/lab/project.js';
import type { TruthLine } from '../../../src/lab/stage/truth.js';
import type { VmGreeting } from './broker.js';
import { VM_KERNELS } from './kernels.js';
import './provided.js';
import { FOR_ALL_TESTS, RESET_SCRIPT } from './reset.js';
import { VmProcess } from './vm-process.js';

export interface ExecOptions {
  /** Then the command and what it started is killed, and exec rejects. */
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + n after signal n. */
  readonly status: number;
}

/** What a scenario said, with the moment it said it: CLOCK_BOOTTIME, µs. */
export type Truth = TruthLine & { readonly tUs: number };

const DEFAULT_TIMEOUT_MS = 120_000;

/** Every second worker begins with the last kernel: else all would wait for the guest of the first. */
const IN_TURN = Number(process.env['VITEST_POOL_ID']) % 2 === 0 ? VM_KERNELS.toReversed() : VM_KERNELS;

/** Else a hook of the file runs: what that starts serves all tests. */
let testRuns = false;

/** A guest, as tests use it. Commands run as root, in the project's directory, with oomscope on the PATH. */
export class Vm {
  constructor(
    readonly kernel: LabKernelName,
    readonly release: string,
    private readonly agent: GuestAgent,
    /** Of this host; leads to port 7070 of the guest's loopback. Null = not forwarded. */
    readonly pagePort: number | null,
  ) {}

  /** Runs a bash script to its end. */
  async exec(
    script: string,
    { timeoutMs = DEFAULT_TIMEOUT_MS, environment = {} }: ExecOptions = {},
  ): Promise<ExecResult> {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const process = this.#start(
      ['bash', '-c', script],
      environment,
    )({
      onStdout: (bytes) => stdout.push(bytes),
      onStderr: (bytes) => stderr.push(bytes),
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill('SIGKILL');
    }, timeoutMs);
    const { status } = await process.exited.finally(() => clearTimeout(timer));
    const result = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), status };
    if (timedOut) {
      const tail = `${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`;
      throw new Error(`killed after ${timeoutMs} ms: ${script}\n${tail}`);
    }
    return result;
  }

  /** The same; rejects with what it printed unless the status is 0. Resolves with stdout. */
  async succeed(script: string, options?: ExecOptions): Promise<string> {
    const { status, stdout, stderr } = await this.exec(script, options);
    if (status !== 0) throw new Error(`status ${status}: ${script}\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`);
    return stdout;
  }

  /** Starts a program and goes on. It is killed when the test file ends. */
  spawn(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): VmProcess {
    return new VmProcess(this.#start(argv, testRuns ? environment : { ...environment, [FOR_ALL_TESTS]: '1' }));
  }

  readFile(path: string): Promise<string> {
    return this.succeed(`cat -- '${path}'`);
  }

  writeFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    return this.agent.writeFile(path, typeof content === 'string' ? Buffer.from(content) : content, mode);
  }

  /** Plays a scenario (`lab-scenario --help`) and resolves with what it did. */
  async scenario(argumentsText: string, options?: ExecOptions): Promise<Truth[]> {
    const stdout = await this.succeed(`lab-scenario ${argumentsText}`, options);
    return parseTruth(stdout.trim().split('\n'));
  }

  #start(argv: readonly string[], environment: Readonly<Record<string, string>>) {
    return (handlers: { onStdout: (bytes: Buffer) => void; onStderr: (bytes: Buffer) => void }) =>
      this.agent.spawn(
        { argv, cwd: PROJECT_ROOT, environment: { ...guestEnvironment(this.kernel), ...environment } },
        handlers,
      );
  }
}

function parseTruth(lines: readonly string[]): Truth[] {
  return lines.map((line) => JSON.parse(line) as Truth);
}

/** Pids that the kernel's OOM killer killed, by waitpid, in the order of their ends. */
export function killedByKernel(truth: readonly Truth[]): number[] {
  return truth.flatMap((line) => (line.type === 'round' ? line.killedPids : []));
}

/**
 * The tests of `define` once per kernel, each time in the guest of that kernel, which no other file uses meanwhile.
 * `vm()` is for the tests and their hooks.
 */
export function describeOnKernels(
  title: string,
  define: (vm: () => Vm, kernel: LabKernelName) => void,
  kernels: readonly LabKernelName[] = IN_TURN,
): void {
  const sockets = inject('vmSockets');
  if (sockets === null) {
    describe.skip(`${title} (skipped: ${inject('vmSkipped')})`, () => define(noVm, '6.1'));
    return;
  }
  describe.each(kernels.map((kernel) => ({ kernel })))(`${title} on Linux $kernel`, ({ kernel }) => {
    let shared: SharedVm | null = null;
    beforeAll(async () => {
      shared = await joinSharedVm(kernel, sockets);
    });
    // Lost by the test before, or by this one at its first try.
    beforeEach(async () => {
      if (shared?.isLost()) shared = await joinSharedVm(kernel, sockets);
      testRuns = true;
    });
    // What a failure leaves must not fail the next test as well.
    afterEach(async ({ task }) => {
      testRuns = false;
      if (task.result?.state === 'fail' && !shared?.isLost())
        await shared?.vm.exec(`set between-tests\n${RESET_SCRIPT}`);
    });
    afterAll(() => shared?.leave());
    define(() => shared?.vm ?? noVm(), kernel);
  });
}

/** The same once, for what does not depend on the kernel: on the one that is free sooner. */
export function describeOnOneKernel(title: string, define: (vm: () => Vm, kernel: LabKernelName) => void): void {
  describeOnKernels(title, define, VM_KERNELS.slice(0, 1));
}

/** A guest of one's own, for another command line or another cgroup version. Stop it. */
export async function bootVm(
  kernel: LabKernelName,
  options: Partial<Omit<MachineOptions, 'kernel' | 'progress'>> = {},
): Promise<{ vm: Vm; machine: Machine; stop: () => Promise<void> }> {
  const machine = await bootMachine({ ...options, kernel, progress: SILENT });
  const pagePort = options.forwards?.[0]?.hostPort ?? null;
  return { vm: new Vm(kernel, machine.kernelRelease, machine.agent, pagePort), machine, stop: () => machine.stop() };
}

/** The tests of `define` in a guest of one's own, for another command line or another cgroup version. */
export function describeInOwnVm(
  title: string,
  kernel: LabKernelName,
  options: Partial<Omit<MachineOptions, 'kernel' | 'progress'>>,
  define: (vm: () => Vm) => void,
): void {
  if (inject('vmSockets') === null) {
    describe.skip(`${title} (skipped: ${inject('vmSkipped')})`, () => define(noVm));
    return;
  }
  if (!VM_KERNELS.includes(kernel)) return;
  describe(`${title}, Linux ${kernel}`, () => {
    let own: { vm: Vm; stop: () => Promise<void> } | null = null;
    beforeAll(async () => {
      own = await bootVm(kernel, options);
    });
    afterAll(() => own?.stop());
    define(() => own?.vm ?? noVm());
  });
}

interface SharedVm {
  readonly vm: Vm;
  /** The guest has gone; there is a new one for who joins again. */
  isLost(): boolean;
  leave(): void;
}

async function joinSharedVm(kernel: LabKernelName, sockets: string): Promise<SharedVm> {
  const socket = connect(join(sockets, `${kernel}.sock`));
  const agent = new GuestAgent(socket);
  socket.once('close', () => agent.lose(new Error(whyRefused(kernel, sockets))));
  const greeting = JSON.parse(await agent.hello) as VmGreeting;
  return {
    vm: new Vm(kernel, greeting.release, agent, greeting.pagePort),
    isLost: () => socket.destroyed,
    leave: () => socket.destroy(),
  };
}

function whyRefused(kernel: LabKernelName, sockets: string): string {
  try {
    return readFileSync(join(sockets, `${kernel}.error`), 'utf8');
  } catch {
    return `the guest of kernel ${kernel} was left`;
  }
}

function noVm(): never {
  throw new Error('the guest is there only while tests run: call vm() in a test or a hook');
}
