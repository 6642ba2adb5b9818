/** The kernels that the lab boots. A new one is a line here. */
export const LAB_KERNELS = {
  '6.1': { metaPackages: ['linux-image-6.1-amd64', 'linux-image-amd64'] },
  '6.12': { metaPackages: ['linux-image-6.12-amd64', 'linux-image-amd64'] },
} as const satisfies Record<string, LabKernel>;

export interface LabKernel {
  /**
   * Debian's names for "the newest of this line", most exact first. Which line linux-image-amd64 stands for differs by
   * release: it counts only where it leads to a package of this line.
   */
  readonly metaPackages: readonly string[];
}

export type LabKernelName = keyof typeof LAB_KERNELS;

export const LAB_KERNEL_NAMES = Object.keys(LAB_KERNELS) as readonly LabKernelName[];

export const DEFAULT_LAB_KERNEL: LabKernelName = '6.12';

/** Generic kernel packages of one line: `linux-image-6.1.0-56-amd64`, not -cloud, -rt, -dbg or -unsigned. */
export function isPackageOf(kernel: LabKernelName, packageName: string): boolean {
  const prefix = `linux-image-${kernel}.`;
  return packageName.startsWith(prefix) && /^[0-9][0-9.+a-z]*(-[0-9]+)?-amd64$/.test(packageName.slice(prefix.length));
}

/** Orders package names by their numbers: …-9-amd64 before …-56-amd64. */
export function compareByNumbers(a: string, b: string): number {
  const numbers = (name: string) => (name.match(/[0-9]+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
