import { parseMeminfoBytes } from '../kernel/proc-text.js';
import { readText } from './read-text.js';

/** What the kernel scales oom_score_adj by. */
export interface NodeTotals {
  readonly pageSizeBytes: number;
  readonly ramBytes: number;
  readonly swapTotalBytes: number;
  readonly swappiness: number | null;
}

/** The page size is asked of whoever does not know it: finding out takes long. */
export function readNodeTotals(knownPageSizeBytes: number | null = null): NodeTotals {
  const meminfo = readText('/proc/meminfo') ?? '';
  const swappiness = readText('/proc/sys/vm/swappiness');
  return {
    pageSizeBytes: knownPageSizeBytes ?? pageSizeBytes(),
    ramBytes: parseMeminfoBytes(meminfo, 'MemTotal'),
    swapTotalBytes: parseMeminfoBytes(meminfo, 'SwapTotal'),
    swappiness: swappiness === null ? null : Number(swappiness),
  };
}

/** Node does not tell it, and the addon may not be built. Ordinary mappings of this process have the kernel's pages. */
function pageSizeBytes(): number {
  const kib = /^KernelPageSize: +(\d+) kB$/m.exec(readText('/proc/self/smaps') ?? '')?.[1];
  return kib === undefined ? 4_096 : Number(kib) * 1024;
}
