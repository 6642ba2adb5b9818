import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { GuestConsole } from './guest-console.js';
import { buildProbeInitramfs } from './initramfs.js';
import type { UnpackedKernel } from './kernel-cache.js';
import type { Progress } from './progress.js';
import { cacheRoot } from './project.js';
import { type Accelerator, startQemu } from './qemu.js';

export interface AcceleratorChoice {
  readonly accelerator: Accelerator;
  /** Why this one, for a person. */
  readonly reason: string;
}

interface RememberedAnswer extends AcceleratorChoice {
  readonly hostKernel: string;
  readonly bootId: string;
}

const KVM_DEVICE = '/dev/kvm';
const DEFAULT_DEADLINE_MS = 20_000;
/** For callers that interrupt nothing. */
const NEVER = new AbortController().signal;

/**
 * KVM where it has been seen to boot a stock kernel, else TCG, which always works and is slower. /dev/kvm may be there
 * and hang the guest for ever: only a boot to user space within a deadline counts. The answer holds until the host
 * boots again.
 */
export async function chooseAccelerator(
  kernel: UnpackedKernel,
  progress: Progress,
  { deadlineMs = DEFAULT_DEADLINE_MS, device = KVM_DEVICE, initramfs = buildProbeInitramfs, signal = NEVER } = {},
): Promise<AcceleratorChoice> {
  const forced = process.env['OOMSCOPE_LAB_ACCELERATOR'];
  if (forced === 'kvm' || forced === 'tcg') {
    return { accelerator: forced, reason: 'OOMSCOPE_LAB_ACCELERATOR says so' };
  }
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch {
    return { accelerator: 'tcg', reason: `this user has no ${device}` };
  }
  const host = { hostKernel: release(), bootId: await bootId() };
  const remembered = await recall();
  if (remembered?.hostKernel === host.hostKernel && remembered.bootId === host.bootId) return remembered;

  progress.step(
    `trying whether KVM boots a kernel here (once after each boot of this host, up to ${deadlineMs / 1000} s)`,
  );
  const choice = await probe(kernel, await initramfs(), deadlineMs, signal);
  signal.throwIfAborted();
  await remember({ ...choice, ...host });
  return choice;
}

async function probe(
  kernel: UnpackedKernel,
  initramfs: Buffer,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<AcceleratorChoice> {
  return new Promise((resolve) => {
    let messages = '';
    const qemu = startQemu({
      accelerator: 'kvm',
      imagePath: kernel.imagePath,
      initramfs,
      kernelArguments: 'console=ttyS0 quiet panic=-1',
      memoryMib: 512,
      connected: false,
      forwards: [],
    });
    const settle = (choice: AcceleratorChoice) => {
      clearTimeout(deadline);
      qemu.kill();
      resolve(choice);
    };
    const deadline = setTimeout(() => {
      settle({ accelerator: 'tcg', reason: `with it no stock kernel came up within ${deadlineMs / 1000} s` });
    }, deadlineMs);
    signal.addEventListener('abort', () => settle({ accelerator: 'tcg', reason: 'interrupted' }), { once: true });
    const console = new GuestConsole(() => settle({ accelerator: 'kvm', reason: 'a stock kernel came up with it' }));
    qemu.process.stdout?.on('data', (bytes: Buffer) => console.push(bytes));
    qemu.process.stderr?.on('data', (bytes: Buffer) => {
      messages = (messages + bytes.toString()).slice(-4096);
    });
    qemu.process.once('error', (error) => settle({ accelerator: 'tcg', reason: error.message }));
    qemu.process.once('close', () => {
      const said =
        messages
          .trim()
          .split('\n', 1)[0]
          ?.replace(/^qemu-system-x86_64: /, '') ?? '';
      settle({ accelerator: 'tcg', reason: said === '' ? 'with it no stock kernel came up' : said });
    });
  });
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function answerPath(): string {
  return join(cacheRoot(), 'lab', 'accelerator.json');
}

async function recall(): Promise<RememberedAnswer | null> {
  try {
    const answer: unknown = JSON.parse(await readFile(answerPath(), 'utf8'));
    return isAnswer(answer) ? answer : null;
  } catch {
    // Not there, or cut short: it is found out again.
    return null;
  }
}

function isAnswer(value: unknown): value is RememberedAnswer {
  const answer = value as Partial<RememberedAnswer> | null;
  return (
    (answer?.accelerator === 'kvm' || answer?.accelerator === 'tcg') &&
    [answer.reason, answer.hostKernel, answer.bootId].every((text) => typeof text === 'string')
  );
}

async function remember(answer: RememberedAnswer): Promise<void> {
  const path = answerPath();
  const partial = `${path}.${process.pid}`;
  try {
    await mkdir(join(cacheRoot(), 'lab'), { recursive: true });
    await writeFile(partial, JSON.stringify(answer));
    await rename(partial, path);
  } catch {
    // A cache that cannot be written costs the next run a probe.
  }
}
