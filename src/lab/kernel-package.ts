import { EXIT, OomscopeError } from '../base/errors.js';
import { compareByNumbers, isPackageOf, LAB_KERNELS, type LabKernelName } from './kernels.js';
import { runTool } from './run-tool.js';

/** The error for a host on which the kernel cannot be had. */
export function noKernelPackage(message: string, nextStep: string): OomscopeError {
  return new OomscopeError('E_NO_KERNEL_PACKAGE', message, nextStep, EXIT.unsupportedHost);
}

/**
 * The Debian package that holds the newest kernel of one line, as this host's package lists have it: what the meta
 * package depends on, else the newest by name. Needs no root.
 */
export async function findKernelPackage(kernel: LabKernelName): Promise<string> {
  for (const meta of LAB_KERNELS[kernel].metaPackages) {
    const answer = await runTool('apt-cache', ['depends', '--important', '--', meta]);
    if (!answer.ok) continue;
    const found = parseDependencies(answer.stdout.toString()).find((name) => isPackageOf(kernel, name));
    if (found !== undefined) return found;
  }
  const names = await runTool('apt-cache', ['pkgnames', `linux-image-${kernel}.`]);
  if (!names.ok) {
    throw noKernelPackage(
      `the lab boots Debian kernels and apt-cache does not answer (${names.reason}).`,
      'Run the lab on Debian, or on a derivative whose package lists have linux-image packages.',
    );
  }
  const found = names.stdout
    .toString()
    .split('\n')
    .filter((name) => isPackageOf(kernel, name))
    .sort(compareByNumbers)
    .at(-1);
  if (found === undefined) {
    throw noKernelPackage(
      `this host's package lists name no ${kernel} kernel (${LAB_KERNELS[kernel].metaPackages.join(', ')}).`,
      'Run: sudo apt-get update. Debian 12 has both, 6.12 in bookworm-security or bookworm-backports.',
    );
  }
  return found;
}

/** Names behind "Depends:" in the output of `apt-cache depends`. */
export function parseDependencies(text: string): string[] {
  return [...text.matchAll(/^\s*\|?(?:Pre)?Depends: ([a-z0-9.+-]+)\s*$/gm)].flatMap((match) => match[1] ?? []);
}

/** Size of the package's file in bytes, from its list entry; null = not said. */
export async function packageFileBytes(packageName: string): Promise<number | null> {
  const answer = await runTool('apt-cache', ['show', '--no-all-versions', '--', packageName]);
  const size = /^Size: ([0-9]+)$/m.exec(answer.stdout.toString())?.[1];
  return size === undefined ? null : Number(size);
}
