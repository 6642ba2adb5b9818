import { readFileSync, writeFileSync } from 'node:fs';

/** Memory of the guest that could be taken without swapping. */
export function availableBytes(): number {
  const kib = /^MemAvailable: +([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** The guest's second memory node: small, without a CPU, used by those alone who are bound to it. */
export const SECOND_NODE = 1;

/** What is cached could be taken as well, but does not count as free. */
export function dropCaches(): void {
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}

export function freeOnSecondNode(): number {
  const text = readFileSync(`/sys/devices/system/node/node${SECOND_NODE}/meminfo`, 'utf8');
  return Number(/MemFree: +([0-9]+) kB/.exec(text)?.[1]) * 1024;
}

/** Never the OOM killer's victim; what this process starts inherits it. */
export function exemptThisProcess(): void {
  writeFileSync('/proc/self/oom_score_adj', '-1000');
}
