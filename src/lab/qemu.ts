import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { EXIT, OomscopeError } from '../base/errors.js';
import { PORT_NAME } from './protocol.js';
import { findProgram } from './run-tool.js';

export type Accelerator = 'kvm' | 'tcg';

export interface PortForward {
  /** On 127.0.0.1 of the host. */
  readonly hostPort: number;
  /** On the guest's loopback. */
  readonly guestPort: number;
}

export interface QemuOptions {
  readonly accelerator: Accelerator;
  readonly imagePath: string;
  readonly initramfs: Buffer;
  readonly kernelArguments: string;
  readonly memoryMib: number;
  /** The guest sees the host's files, and the agent's line is there. False for a probe. */
  readonly connected: boolean;
  readonly forwards: readonly PortForward[];
}

export interface Qemu {
  readonly process: ChildProcess;
  /** The agent's line. */
  readonly line: Duplex;
  /** Ends it now. There is nothing to save: a guest writes only to its own memory. */
  kill(): void;
}

const PROGRAM = 'qemu-system-x86_64';
/**
 * Without ERMS the kernel and glibc clear memory by words: emulated, a REP STOSB goes byte by byte, and to fill memory is most
 * of what a guest of the lab does. Rejected: a processor without SMAP, SMEP, LA57 and AVX as well. It is a tenth faster, and
 * twice within an hour Linux 6.1 hung in it ("soft lockup").
 */
const EMULATED_CPU = 'max,-erms';
/**
 * Of the guest's second memory node, which has no CPU. Nobody uses it unless the first is full: a process that is bound
 * to it runs out of memory in a moment, and out of nobody else's.
 */
const SECOND_NODE_MIB = 192;
/** Of the child: 0 to 2 are the usual ones. */
const LINE_FD = 3;
const INITRAMFS_FD = 4;

/** Path of QEMU. Throws E_NO_QEMU. */
export function findQemu(): string {
  const found = findProgram(PROGRAM);
  if (found !== null) return found;
  throw new OomscopeError(
    'E_NO_QEMU',
    `the lab runs its kernels in QEMU, and there is no ${PROGRAM} on the PATH.`,
    'Run: sudo apt-get install qemu-system-x86',
    EXIT.unsupportedHost,
  );
}

/**
 * Starts QEMU so that it cannot outlive this process: the kernel kills it when the thread that called this ends,
 * however that happens. It has no file on disk and no socket with a name.
 */
export function startQemu(options: QemuOptions): Qemu {
  const qemu = findQemu();
  const setpriv = findProgram('setpriv');
  const [program, ...args] = [
    ...(setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL', '--']),
    qemu,
    ...qemuArguments(options),
  ];
  const initramfsFd = unnamedFile(options.initramfs);
  try {
    const child = spawn(program ?? qemu, args, {
      // stdin, console, messages, the agent's line, the initramfs
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', initramfsFd],
      // Of its own session: Ctrl-C is for this process, which ends QEMU in its own time.
      detached: true,
    });
    const line = child.stdio[LINE_FD] as Duplex;
    return { process: child, line, kill: () => child.kill('SIGKILL') };
  } finally {
    closeSync(initramfsFd);
  }
}

/** Open for reading, and gone from its directory. */
function unnamedFile(bytes: Buffer): number {
  const directory = mkdtempSync(join(tmpdir(), 'oomscope-lab-'));
  try {
    const path = join(directory, 'initramfs');
    writeFileSync(path, bytes, { mode: 0o600 });
    return openSync(path, 'r');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function qemuArguments(options: QemuOptions): string[] {
  const accelerator = options.accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=512';
  return [
    ['-accel', accelerator],
    ['-cpu', options.accelerator === 'kvm' ? 'host' : EMULATED_CPU],
    ['-machine', 'q35'],
    ['-m', String(options.memoryMib)],
    ...memoryNodes(options.memoryMib - SECOND_NODE_MIB, SECOND_NODE_MIB),
    ['-smp', '2'],
    ['-nodefaults', '-no-user-config', '-no-reboot'],
    ['-display', 'none'],
    ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ['-kernel', options.imagePath],
    ['-initrd', `/dev/fd/${INITRAMFS_FD}`],
    ['-append', options.kernelArguments],
    ...(options.connected ? [...lineArguments(), ...hostRootArguments()] : []),
    ...(options.forwards.length > 0 ? [networkArguments(options.forwards)] : []),
  ].flat();
}

function memoryNodes(firstMib: number, secondMib: number): string[][] {
  return [
    ['-object', `memory-backend-ram,id=first,size=${firstMib}M`, '-numa', 'node,memdev=first,cpus=0-1'],
    ['-object', `memory-backend-ram,id=second,size=${secondMib}M`, '-numa', 'node,memdev=second'],
  ];
}

function lineArguments(): string[][] {
  return [
    ['-chardev', `socket,id=agent,fd=${LINE_FD}`],
    ['-device', 'virtio-serial-pci', '-device', `virtserialport,chardev=agent,name=${PORT_NAME}`],
  ];
}

/** Read-only, and with the rights of whoever runs QEMU. */
function hostRootArguments(): string[][] {
  return [['-virtfs', 'local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap']];
}

/** restrict=on: connections come in by the forwards; the guest reaches neither the host nor anything beyond. */
function networkArguments(forwards: readonly PortForward[]): string[] {
  const rules = forwards.map(({ hostPort, guestPort }) => `hostfwd=tcp:127.0.0.1:${hostPort}-10.0.2.15:${guestPort}`);
  return [
    '-netdev',
    ['user', 'id=uplink', 'restrict=on', ...rules].join(','),
    '-device',
    'virtio-net-pci,netdev=uplink,romfile=',
  ];
}
