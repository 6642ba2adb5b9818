import { EXIT, OomscopeError } from '../base/errors.js';
import { visible } from '../base/escape.js';
import { chooseAccelerator } from './accelerator.js';
import { GuestAgent, type GuestProcess, type OutputHandlers } from './guest-agent.js';
import { GuestConsole } from './guest-console.js';
import { buildInitramfs } from './initramfs.js';
import { obtainKernel, type UnpackedKernel } from './kernel-cache.js';
import type { LabKernelName } from './kernels.js';
import type { Progress } from './progress.js';
import { guestEnvironment, PROJECT_ROOT } from './project.js';
import { type Accelerator, findQemu, type PortForward, type Qemu, startQemu } from './qemu.js';

export interface MachineOptions {
  readonly kernel: LabKernelName;
  readonly memoryMib?: number;
  /** More arguments for the guest's kernel. */
  readonly kernelArguments?: string;
  /** Which hierarchy has the memory controller. */
  readonly cgroupVersion?: 1 | 2;
  readonly forwards?: readonly PortForward[];
  readonly progress: Progress;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}

export interface RunOptions extends OutputHandlers {
  readonly cwd?: string;
  /** Added to the lab's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A guest that is up. */
export interface Machine {
  readonly kernel: LabKernelName;
  readonly kernelRelease: string;
  readonly accelerator: Accelerator;
  /** From the start of QEMU to the agent's first word. */
  readonly bootMs: number;
  readonly agent: GuestAgent;
  /** Resolves with the reason when the guest is lost; never rejects. */
  readonly lost: Promise<OomscopeError>;
  /** Runs a program as root, in the project's directory, with oomscope and the lab's programs on its PATH. */
  spawn(argv: readonly string[], options?: RunOptions): GuestProcess;
  /** The end of the serial console. */
  consoleTail(): string;
  /** Once it is lost: by a fault that QEMU is known for, and by nothing that ran in it. */
  readonly isEmulatorFault: boolean;
  stop(): Promise<void>;
}

/** Enough for oomscope, its tests and a scenario, and little to fill where the whole node runs out of memory. */
export const DEFAULT_MEMORY_MIB = 1280;
/** TCG on a busy host is slow; a kernel that hangs is found out all the same. */
const BOOT_DEADLINE_MS = { kvm: 60_000, tcg: 240_000 } as const;
/** Before the reason in the last line of the guest's PID 1: lab/guest/say.c. */
const FAILED = 'failed: ';
const WATCH_EVERY_MS = 5_000;
/** Out of memory, a guest may be silent for long. */
const SILENT_LIMIT_MS = 120_000;

/** Gets a kernel, boots it on this host's files and waits until it takes commands. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const { progress } = options;
  requireHost();
  const unpacked = await obtainKernel(options.kernel, progress, options.signal);
  options.signal?.throwIfAborted();
  const { accelerator, reason } = await chooseAccelerator(
    unpacked,
    progress,
    options.signal && { signal: options.signal },
  );
  options.signal?.throwIfAborted();
  const forwards = options.forwards ?? [];
  const initramfs = await buildInitramfs(unpacked, {
    cgroupVersion: options.cgroupVersion ?? 2,
    net: forwards.length > 0,
  });
  if (accelerator === 'tcg') progress.note(`emulating the processor, which is slower than KVM: ${reason}`);
  for (let tries = 1; ; tries++) {
    try {
      return await bootOnce(options, { unpacked, accelerator, initramfs });
    } catch (error) {
      if (tries === BOOT_TRIES || !(error instanceof EmulatorFault)) throw error;
      progress.note('the emulator ran an instruction that the kernel had patched; booting again');
    }
  }
}

const BOOT_TRIES = 3;

/** The guest died of a fault of QEMU's: guest-console.ts. */
class EmulatorFault extends OomscopeError {}

interface BootParts {
  readonly unpacked: UnpackedKernel;
  readonly accelerator: Accelerator;
  readonly initramfs: Buffer;
}

async function bootOnce(options: MachineOptions, { unpacked, accelerator, initramfs }: BootParts): Promise<Machine> {
  const forwards = options.forwards ?? [];
  options.progress.step(`booting Linux ${unpacked.release}`);
  const startedMs = performance.now();
  const qemu = startQemu({
    accelerator,
    imagePath: unpacked.imagePath,
    initramfs,
    // mitigations=off: they cost time, and no stranger shares the guest. norandmaps: QEMU keeps translated code by its address,
    // so that what lies elsewhere in each process is translated again in each. log_buf_len: every kill stays in dmesg.
    // softlockup_panic: beside a CPU that hangs the rest would wait for ever; it tells after twice watchdog_thresh, since
    // on a busy host a CPU may stand still for long.
    kernelArguments: `console=ttyS0 quiet panic=-1 psi=1 mitigations=off norandmaps log_buf_len=8M numa_balancing=disable watchdog_thresh=30 softlockup_panic=1 oomscope.lab=1 ${options.kernelArguments ?? ''}`,
    memoryMib: options.memoryMib ?? DEFAULT_MEMORY_MIB,
    connected: true,
    forwards,
  });
  const guest = watch(qemu);
  const abort = () => guest.end(new OomscopeError('E_LAB_BOOT', 'the start of the guest was interrupted.', ''));
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const kernelRelease = await within(BOOT_DEADLINE_MS[accelerator], guest);
    const bootMs = performance.now() - startedMs;
    for (const { guestPort } of forwards) await guest.agent.proxy(guestPort);
    guest.up();
    return {
      kernel: options.kernel,
      kernelRelease,
      accelerator,
      bootMs,
      agent: guest.agent,
      lost: guest.lost,
      spawn: (argv, run = {}) =>
        guest.agent.spawn(
          {
            argv,
            cwd: run.cwd ?? PROJECT_ROOT,
            environment: { ...guestEnvironment(options.kernel), ...run.environment },
          },
          run,
        ),
      consoleTail: () => guest.console.tail(),
      get isEmulatorFault() {
        return guest.console.diedOfUnknownTrap;
      },
      stop: () => guest.stop(),
    };
  } catch (error) {
    await guest.stop();
    throw asEmulatorFault(error, guest.console);
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

function asEmulatorFault(error: unknown, console: GuestConsole): unknown {
  if (!(error instanceof OomscopeError) || !console.diedOfUnknownTrap) return error;
  return new EmulatorFault(error.code, error.message, error.nextStep, error.exitCode, { cause: error });
}

function requireHost(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new OomscopeError(
      'E_NOT_LINUX',
      `the lab boots x86-64 Linux kernels on the host's own files, and this host is ${process.platform} ${process.arch}.`,
      'Run it on x86-64 Linux.',
      EXIT.unsupportedHost,
    );
  }
  findQemu();
}

/** A guest, booting or up. */
interface Guest {
  readonly agent: GuestAgent;
  readonly console: GuestConsole;
  readonly lost: Promise<OomscopeError>;
  /** From now on an end is a loss, and silence is watched. */
  up(): void;
  end(because: OomscopeError): void;
  stop(): Promise<void>;
}

function watch(qemu: Qemu): Guest {
  const console = new GuestConsole();
  const agent = new GuestAgent(qemu.line);
  let isUp = false;
  let messages = '';
  let tellLost: (error: OomscopeError) => void = () => {};
  const lost = new Promise<OomscopeError>((resolve) => {
    tellLost = resolve;
  });
  const end = (because: OomscopeError) => {
    clearInterval(timer);
    agent.lose(because);
    qemu.kill();
    tellLost(because);
  };
  const timer = setInterval(() => {
    if (isUp && agent.silentMs() > SILENT_LIMIT_MS) {
      end(failure(true, `it has been silent for ${SILENT_LIMIT_MS / 1000} s`, console));
    }
  }, WATCH_EVERY_MS);
  timer.unref();
  qemu.process.stdout?.on('data', (bytes: Buffer) => console.push(bytes));
  qemu.process.stderr?.on('data', (bytes: Buffer) => {
    messages = (messages + bytes.toString()).slice(-4096);
  });
  const closed = new Promise<void>((resolve) => {
    qemu.process.once('error', (error) => {
      const message = `QEMU could not be started (${error.message}).`;
      end(new OomscopeError('E_NO_QEMU', message, 'Check its installation.', EXIT.unsupportedHost));
      resolve();
    });
    qemu.process.once('close', (status, signal) => {
      end(endOfQemu(isUp, console, messages, signal === null ? `exit status ${status}` : `${signal}`));
      resolve();
    });
  });
  return {
    agent,
    console,
    lost,
    up: () => {
      isUp = true;
    },
    end,
    stop: async () => {
      end(new OomscopeError('E_LAB_LOST', 'the guest was stopped.', ''));
      await closed;
    },
  };
}

function endOfQemu(wasUp: boolean, console: GuestConsole, messages: string, ending: string): OomscopeError {
  if (/could not set up host forwarding/i.test(messages)) {
    return new OomscopeError(
      'E_PORT_TAKEN',
      'another program listens on the port that the page was to have.',
      'Choose another with --port.',
    );
  }
  // PID 1 says why it gives up.
  const givenUp = console.ownLine?.startsWith(FAILED) === true ? console.ownLine.slice(FAILED.length) : null;
  if (givenUp !== null) return failure(wasUp, givenUp, console);
  if (console.panic !== null) return failure(wasUp, `its kernel panicked (${visible(console.panic)})`, console);
  const said = messages.trim().split('\n').at(-1) ?? '';
  return failure(wasUp, `QEMU ended (${said === '' ? ending : said})`, console);
}

function failure(wasUp: boolean, what: string, console: GuestConsole): OomscopeError {
  const tail = console.tail();
  const consoleText = tail === '' ? ' Its console said nothing.' : ` The end of its console:\n${tail}\n`;
  return wasUp
    ? new OomscopeError('E_LAB_LOST', `the guest is gone: ${what}.${consoleText}`, 'Start it again.')
    : new OomscopeError(
        'E_LAB_BOOT',
        `the guest did not come up: ${what}.${consoleText}`,
        'Try again; OOMSCOPE_LAB_ACCELERATOR=tcg boots it without KVM, --memory gives it more memory.',
      );
}

async function within(deadlineMs: number, guest: Guest): Promise<string> {
  const deadline = setTimeout(() => {
    guest.end(failure(false, `no sign of life within ${deadlineMs / 1000} s`, guest.console));
  }, deadlineMs);
  try {
    return await guest.agent.hello;
  } finally {
    clearTimeout(deadline);
  }
}
