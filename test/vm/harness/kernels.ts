import { LAB_KERNEL_NAMES, type LabKernelName } from '../../../src/lab/kernels.js';

/** Kernels that are tested: all, or those that OOMSCOPE_VM_KERNELS names ("6.1,6.12"). */
export const VM_KERNELS: readonly LabKernelName[] = inThisWorkersOrder(chosenKernels());

function chosenKernels(): readonly LabKernelName[] {
  const wanted = process.env['OOMSCOPE_VM_KERNELS']?.split(',');
  if (wanted === undefined) return LAB_KERNEL_NAMES;
  const unknown = wanted.filter((name) => !LAB_KERNEL_NAMES.some((kernel) => kernel === name));
  if (unknown.length > 0)
    throw new Error(`OOMSCOPE_VM_KERNELS names ${unknown.join(', ')}; there are: ${LAB_KERNEL_NAMES}`);
  return LAB_KERNEL_NAMES.filter((kernel) => wanted.includes(kernel));
}

/** Two workers begin at different ends, so that neither waits for the other's guest at first. */
function inThisWorkersOrder(kernels: readonly LabKernelName[]): readonly LabKernelName[] {
  return Number(process.env['VITEST_POOL_ID'] ?? 0) % 2 === 0 ? [...kernels].reverse() : kernels;
}
