import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../base/units.js';
import { findKernelPackage, noKernelPackage, packageFileBytes } from './kernel-package.js';
import { compareByNumbers, isPackageOf, type LabKernelName } from './kernels.js';
import type { Progress } from './progress.js';
import { cacheRoot } from './project.js';
import { runTool, type ToolResult } from './run-tool.js';

/** A kernel package, unpacked. */
export interface UnpackedKernel {
  readonly packageName: string;
  /** As `uname -r` says. */
  readonly release: string;
  readonly imagePath: string;
  /** Its lib/modules/RELEASE, with the dependency lists made. */
  readonly modulesPath: string;
}

/** Temporary directories begin so; the pid behind it is of the process that works in it. */
const PARTIAL = '.partial-';

/**
 * The kernel from the cache, else downloaded with apt-get and unpacked there, without root. Any number of processes may
 * do so at once: each works in a directory of its own and the first to finish is the one that counts.
 */
export async function obtainKernel(
  kernel: LabKernelName,
  progress: Progress,
  signal?: AbortSignal,
): Promise<UnpackedKernel> {
  const kernels = join(cacheRoot(), 'kernels');
  const cached = await newestCached(kernels, kernel);
  if (cached !== null) return describeKernel(kernels, cached);

  const packageName = await findKernelPackage(kernel);
  await mkdir(kernels, { recursive: true });
  await removeAbandoned(kernels);
  const partial = await mkdtemp(join(kernels, `${PARTIAL}${process.pid}-`));
  try {
    await download(packageName, partial, progress, signal);
    progress.step(`unpacking ${packageName}`);
    await unpack(packageName, partial, signal);
    await rename(join(partial, 'root'), join(kernels, packageName)).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster: its copy is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return describeKernel(kernels, packageName);
}

/** A complete directory has its final name: see the rename above. */
async function newestCached(kernels: string, kernel: LabKernelName): Promise<string | null> {
  const names = await readdir(kernels).catch(() => []);
  return (
    names
      .filter((name) => isPackageOf(kernel, name))
      .sort(compareByNumbers)
      .at(-1) ?? null
  );
}

/** Of processes that were killed in the middle. */
async function removeAbandoned(kernels: string): Promise<void> {
  for (const name of await readdir(kernels)) {
    const pid = new RegExp(`^\\${PARTIAL}([0-9]+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(kernels, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function download(
  packageName: string,
  directory: string,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const totalBytes = await packageFileBytes(packageName);
  const total = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
  progress.step(`downloading ${packageName}`);
  const watch = setInterval(async () => {
    const bytes = await bytesIn(directory);
    if (bytes > 0) progress.step(`downloading ${packageName}: ${formatBytes(bytes)}${total}`);
  }, 500);
  let result: ToolResult;
  try {
    result = await runTool('apt-get', ['download', '-q', '--', packageName], { cwd: directory, signal });
  } finally {
    clearInterval(watch);
  }
  if (!result.ok) {
    throw noKernelPackage(
      `apt-get could not download ${packageName} (${result.reason}).`,
      'Check the network, then run: sudo apt-get update',
    );
  }
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        (facts) => facts.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Leaves the kernel in `directory`/root. */
async function unpack(packageName: string, directory: string, signal: AbortSignal | undefined): Promise<void> {
  const root = join(directory, 'root');
  const file = (await readdir(directory)).find((name) => name.endsWith('.deb'));
  const failed = (what: string, reason: string, nextStep: string) =>
    noKernelPackage(`${packageName} was downloaded, but ${what} (${reason}).`, nextStep);
  if (file === undefined) throw failed('no package file appeared', 'none in its directory', 'Try again.');
  const unpacked = await runTool('dpkg-deb', ['-x', file, 'root'], { cwd: directory, signal });
  if (!unpacked.ok) throw failed('could not be unpacked', unpacked.reason, 'Check the free space of the cache.');
  const { release } = await findRelease(root);
  const listed = await runTool('depmod', ['-b', root, release]);
  if (!listed.ok) throw failed('its modules could not be listed', listed.reason, 'Run: sudo apt-get install kmod');
  // Documentation and the like are of no use here.
  await rm(join(root, 'usr/share'), { recursive: true, force: true });
  await writeFile(join(root, 'README'), `${packageName}, unpacked by 'oomscope lab'. It may be deleted.\n`);
}

async function findRelease(root: string): Promise<{ release: string; modulesRoot: string }> {
  // Since Debian 13 packages ship usr/lib directly.
  for (const modulesRoot of [join(root, 'lib/modules'), join(root, 'usr/lib/modules')]) {
    const release = (await readdir(modulesRoot).catch(() => [])).at(0);
    if (release !== undefined) return { release, modulesRoot };
  }
  throw noKernelPackage(`the kernel in ${root} has no modules.`, `Delete that directory and try again.`);
}

async function describeKernel(kernels: string, packageName: string): Promise<UnpackedKernel> {
  const root = join(kernels, packageName);
  const { release, modulesRoot } = await findRelease(root);
  return {
    packageName,
    release,
    imagePath: join(root, `boot/vmlinuz-${release}`),
    modulesPath: join(modulesRoot, release),
  };
}
