import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OomscopeError } from '../base/errors.js';
import { buildCpio, CPIO_DIRECTORY, CPIO_FILE, CPIO_PROGRAM, type CpioEntry } from './cpio.js';
import type { UnpackedKernel } from './kernel-cache.js';
import { modulesToLoad } from './module-order.js';
import { labProgram, NODE_PATH, PROJECT_ROOT } from './project.js';
import { runTool } from './run-tool.js';

/** What reaches the host's files and the host. Everything else is loaded from there, with modprobe. */
const BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console', 'virtio_net'];

export interface GuestConfig {
  readonly cgroupVersion: 1 | 2;
  /** A network device is there. */
  readonly net: boolean;
}

/** The first root of a guest: its PID 1, the modules that it needs to reach the host's files, and its orders. */
export async function buildInitramfs(kernel: UnpackedKernel, config: GuestConfig): Promise<Buffer> {
  const modulesDep = await readFile(join(kernel.modulesPath, 'modules.dep'), 'utf8');
  const files = modulesToLoad(modulesDep, BOOT_MODULES);
  const modules = await Promise.all(
    files.map(async (file, index): Promise<CpioEntry> => {
      const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.ko\..*$/, '.ko');
      return {
        path: `modules/${String(index).padStart(2, '0')}-${name}`,
        mode: CPIO_FILE,
        bytes: await readModule(join(kernel.modulesPath, file)),
      };
    }),
  );
  const lines = [
    ...modules.map((module) => `module ${module.path.slice('modules/'.length)}`),
    ...keptDirectories().map((directory) => `keep ${directory}`),
    `kernel-modules ${kernel.modulesPath}`,
    `cgroup ${config.cgroupVersion}`,
    ...(config.net ? ['net'] : []),
  ];
  return archive(lines, [{ path: 'modules', mode: CPIO_DIRECTORY, bytes: new Uint8Array() }, ...modules]);
}

/** A first root that only shows that a kernel comes as far as user space. */
export function buildProbeInitramfs(): Promise<Buffer> {
  return archive(['probe'], []);
}

async function archive(configLines: readonly string[], entries: readonly CpioEntry[]): Promise<Buffer> {
  return buildCpio([
    { path: 'init', mode: CPIO_PROGRAM, bytes: await readFile(labProgram('lab-init')) },
    { path: 'lab.conf', mode: CPIO_FILE, bytes: Buffer.from(`${configLines.join('\n')}\n`) },
    ...entries,
  ]);
}

/** Host directories that oomscope runs from: the guest sees them at the same path wherever they are. */
function keptDirectories(): string[] {
  // Node's libraries, if it has any of its own, lie beside its bin directory.
  const kept = [PROJECT_ROOT, dirname(NODE_PATH), dirname(dirname(NODE_PATH))];
  return kept.filter((directory, index) => kept.indexOf(directory) === index && dirname(directory) !== directory);
}

async function readModule(path: string): Promise<Buffer> {
  if (path.endsWith('.ko')) return readFile(path);
  if (path.endsWith('.gz')) return gunzipSync(await readFile(path));
  const program = path.endsWith('.zst') ? 'zstd' : 'xz';
  const unpacked = await runTool(program, ['-dc', '--', path]);
  if (!unpacked.ok) {
    throw new OomscopeError(
      'E_LAB_BOOT',
      `the kernel module ${path} could not be unpacked (${unpacked.reason}).`,
      `Run: sudo apt-get install ${program === 'xz' ? 'xz-utils' : 'zstd'}`,
    );
  }
  return unpacked.stdout;
}
