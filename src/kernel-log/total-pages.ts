import { nodesOrNull } from './kernel-numbers.js';
import { isOlderThan } from './kernel-release.js';
import type { OomReport, ReportLimit } from './report.js';

/** What adj was scaled by (oc->totalpages), as far as the log tells. */
export interface TotalPages {
  readonly pages: number | null;
  /** Why it may differ from the kernel's; empty = it follows from what was printed. */
  readonly doubts: readonly TotalPagesDoubt[];
}

export type TotalPagesDoubt =
  /** The log does not give the limit, or the machine's memory. */
  | 'memory-not-printed'
  /** The cgroup may use swap, and the log does not say how much the machine has: none was assumed. */
  | 'machine-swap-unknown'
  /** The cgroup may use swap if its swappiness is not 0: that was assumed. */
  | 'swappiness-unknown'
  /** Only the nodes of a cpuset or mempolicy count, and the log does not give their sizes, or not as the kernel counted them. */
  | 'nodes-unknown';

/**
 * constrained_alloc() in mm/oom_kill.c: RAM and swap of the machine, or what mem_cgroup_get_max() allows the limit's
 * cgroup: its memory and, unless its swappiness is 0, as much swap as its limit and the machine have.
 */
export function totalPages(report: OomReport, pageSizeBytes: number): TotalPages {
  if (report.scope === 'memcg') return ofLimit(report.limit, report.knownSwapBytes, pageSizeBytes);
  const ramPages = report.node?.ramPages ?? null;
  if (ramPages === null) return { pages: null, doubts: ['memory-not-printed'] };
  const swapPages = Math.floor((report.node?.swapTotalBytes ?? 0) / pageSizeBytes);
  if (!mayBeConfined(report)) return { pages: ramPages + swapPages, doubts: [] };
  const nodesPages = pagesOfNodes(report, pageSizeBytes);
  if (nodesPages === null) return { pages: ramPages + swapPages, doubts: ['nodes-unknown'] };
  // Older kernels counted holes between the zones too, and no log tells those ("mm, oom: consider present pages for the node size").
  const isExact = isOlderThan(report.kernelRelease, 5, 5) === false;
  return { pages: nodesPages + swapPages, doubts: isExact ? [] : ['nodes-unknown'] };
}

/** What the nodes hold that a mempolicy or a cpuset allows; null = the log does not show all of them. */
function pagesOfNodes({ constraint, request, memsAllowed, node }: OomReport, pageSizeBytes: number): number | null {
  const allowed = nodesOrNull(constraint === 'cpuset' ? memsAllowed : (request?.nodemask ?? null));
  const sizes = allowed?.map((id) => node?.nodeBytes.get(id)) ?? [];
  if (sizes.length === 0 || sizes.includes(undefined)) return null;
  return sizes.reduce<number>((sum, bytes) => sum + Math.floor((bytes ?? 0) / pageSizeBytes), 0);
}

/** Kernels before 5.0 do not print the constraint; with one node, or none named, there is nothing to confine to. */
function mayBeConfined(report: OomReport): boolean {
  if (report.constraint === 'cpuset' || report.constraint === 'memory-policy') return true;
  return report.constraint === null && report.request?.nodemask != null;
}

function ofLimit(limit: ReportLimit | null, machineSwapBytes: number | null, pageSizeBytes: number): TotalPages {
  const memoryBytes = limit?.memory?.limitBytes ?? null;
  if (memoryBytes === null || memoryBytes === 'max') return { pages: null, doubts: ['memory-not-printed'] };
  const swapBytes = allowedSwap(limit, memoryBytes);
  const inPages = (bytes: number) => Math.floor(bytes / pageSizeBytes);
  if (swapBytes === 0) return { pages: inPages(memoryBytes), doubts: [] };
  if (machineSwapBytes === null) return { pages: inPages(memoryBytes), doubts: ['machine-swap-unknown'] };
  const swap = swapBytes === 'max' ? machineSwapBytes : Math.min(swapBytes, machineSwapBytes);
  return { pages: inPages(memoryBytes) + inPages(swap), doubts: swap === 0 ? [] : ['swappiness-unknown'] };
}

function allowedSwap(limit: ReportLimit | null, memoryBytes: number): number | 'max' {
  const swap = limit?.swap?.limitBytes;
  if (swap !== undefined) return swap;
  const memsw = limit?.memsw?.limitBytes ?? 'max';
  return memsw === 'max' ? 'max' : Math.max(0, memsw - memoryBytes);
}
