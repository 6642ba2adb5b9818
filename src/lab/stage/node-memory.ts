import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

const MIB = 1024 * 1024;
/** What a node of the size that its scenarios ask for has free. */
const SMALL_NODE_BYTES = 640 * MIB;
/** Free on such a node at the most: below, nothing is taken away. */
const SMALL_ENOUGH_BYTES = 900 * MIB;
const HUGE_PAGES = '/proc/sys/vm/nr_hugepages';
const HUGE_PAGE_BYTES = 2 * MIB;

/** Memory of the guest that could be taken without swapping. */
export function availableBytes(): number {
  const kib = /^MemAvailable: +([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** The guest's second memory node: small, without a CPU, used by those alone who are bound to it. */
export const SECOND_NODE = 1;

export function freeOnSecondNode(): number {
  const text = readFileSync(`/sys/devices/system/node/node${SECOND_NODE}/meminfo`, 'utf8');
  return Number(/MemFree: +([0-9]+) kB/.exec(text)?.[1]) * 1024;
}

/**
 * Makes a large guest small: huge pages are set aside, which takes no time, where filling that memory takes minutes on
 * a busy host. Resolves with what gives them back.
 */
export async function shrinkNode(): Promise<() => Promise<void>> {
  const before = await readFile(HUGE_PAGES, 'utf8');
  const available = availableBytes();
  if (available > SMALL_ENOUGH_BYTES) {
    const more = Math.floor((available - SMALL_NODE_BYTES) / HUGE_PAGE_BYTES);
    await writeFile(HUGE_PAGES, String(Number(before) + more));
  }
  return () => writeFile(HUGE_PAGES, before);
}

/** Never the OOM killer's victim; what this process starts inherits it. */
export function exemptThisProcess(): void {
  writeFileSync('/proc/self/oom_score_adj', '-1000');
}
