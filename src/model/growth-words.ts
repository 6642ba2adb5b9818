import { visible } from '../base/escape.js';
import { formatBytes, formatDuration } from '../base/units.js';
import type { Candidate } from '../events/episode.js';
import type { Growth, MemoryKind, MemoryPoint } from './growth.js';
import { processName } from './summary.js';

/** Who grew: the process that holds most of it, else the cgroup. Safe to print. */
export function growerName({ path }: Growth, process: Candidate | null): string {
  return process === null ? `cgroup ${visible(path)}` : processName(process);
}

/** `grew 1.9 GiB in the 60 s before`. */
export function howMuch({ unreclaimableBytes, fromUs, toUs }: Growth): string {
  return `grew ${formatBytes(unreclaimableBytes)} in the ${formatDuration(toUs - fromUs)} before`;
}

/** The same of a process, where that most of it was its own is all that can be told. */
export function howMuchOfIts({ unreclaimableBytes, fromUs, toUs }: Growth): string {
  return `made most of the ${formatBytes(unreclaimableBytes)} that its cgroup grew by in the ${formatDuration(toUs - fromUs)} before`;
}

/** `/pods/app grew 1.9 GiB in the 60 s before`. */
export function growthInWords(growth: Growth): string {
  return `${visible(growth.path)} ${howMuch(growth)}`;
}

/** Leak or cache: what grew, and what that means. A sentence without its full stop; null = nothing did, or it is not known. */
export function kindInWords({ kind, byKind }: Growth): string | null {
  if (kind === null || byKind === null) return null;
  switch (kind) {
    case 'file': {
      const more = besides(byKind, 'file');
      if (more === '')
        return 'The growth is file cache (reclaimable), not anonymous memory: no leak, no OOM risk from it';
      return `The growth is mostly file cache (${formatBytes(byKind.file)}), which is reclaimable and no leak${more}`;
    }
    case 'anon':
      return `The growth is anonymous memory (${formatBytes(byKind.anon)}), which reclaim cannot drop${besides(byKind, 'anon')}`;
    case 'shmem':
      return `The growth is shmem (${formatBytes(byKind.shmem)}): tmpfs or shared memory is not reclaimable without swap, and stands in no process's anonymous memory`;
    case 'kernel':
      return `The growth is the kernel's own memory for it (${formatBytes(byKind.kernel)}): sockets, page tables, unreclaimable slab`;
    case 'mixed':
      return `The growth is mixed: ${partsInWords(byKind)}`;
  }
}

function besides(byKind: Readonly<Record<MemoryKind, number>>, kind: MemoryKind): string {
  const others = Object.entries(byKind).filter(([other, bytes]) => other !== kind && bytes > byKind[kind] / 10);
  return others.length === 0
    ? ''
    : `; besides ${others.map(([other, bytes]) => `${formatBytes(bytes)} ${other}`).join(', ')}`;
}

function partsInWords(byKind: Readonly<Record<MemoryKind, number>>): string {
  return Object.entries(byKind)
    .filter(([, bytes]) => bytes > 0)
    .map(([kind, bytes]) => `${kind} ${formatBytes(bytes)}`)
    .join(', ');
}

/** The breakdown beside kubelet's number: `anon 4.2 GiB, file 2.4 GiB (active …, inactive …), …; kubelet's working set …`. */
export function breakdownInWords(point: MemoryPoint): string | null {
  const { anonBytes, fileBytes, activeFileBytes, inactiveFileBytes, shmemBytes, kernelBytes, swapBytes } = point;
  if (anonBytes === null) return null;
  const file =
    activeFileBytes === null || inactiveFileBytes === null
      ? ''
      : ` (active ${formatBytes(activeFileBytes)}, inactive ${formatBytes(inactiveFileBytes)})`;
  const parts = [
    `anon ${formatBytes(anonBytes)}`,
    ...(fileBytes === null ? [] : [`file ${formatBytes(fileBytes)}${file}`]),
    ...(shmemBytes === null ? [] : [`shmem ${formatBytes(shmemBytes)}`]),
    ...(kernelBytes === null ? [] : [`kernel ${formatBytes(kernelBytes)}`]),
    ...(swapBytes === null || swapBytes === 0 ? [] : [`swap ${formatBytes(swapBytes)}`]),
  ];
  const kubelet =
    point.workingSetBytes === null ? '' : `; kubelet's number (working set) is ${formatBytes(point.workingSetBytes)}`;
  return `${parts.join(', ')}${kubelet}`;
}
