import { formatBytes } from '../../base/units.js';
import type { ProcessMemory } from '../../events/process.js';
import { unsplitBytes } from '../../model/badness.js';

/** `anon 80 MiB, page tables 200 KiB`: what is known and more than nothing; empty = nothing is. */
export function memoryInWords(memory: ProcessMemory): string {
  const parts: readonly (readonly [string, number | null])[] = [
    [memory.rssAnonBytes === null ? 'resident' : 'file and shmem', unsplitBytes(memory)],
    ['anon', memory.rssAnonBytes],
    ['file', memory.rssFileBytes],
    ['shmem', memory.rssShmemBytes],
    ['swap', memory.swapBytes],
    ['page tables', memory.pageTableBytes],
  ];
  return parts
    .flatMap(([name, bytes]) => (bytes === null || bytes === 0 ? [] : [`${name} ${formatBytes(bytes)}`]))
    .join(', ');
}
