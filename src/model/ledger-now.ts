import type { NodeEvent } from '../events/node.js';
import { type CgroupHolding, type Ledger, makeLedger } from './ledger.js';
import type { MemoryState } from './memory-state.js';
import type { Model } from './model.js';

/** Where the node's memory is, by what was sampled last; null = the node or its cgroups were not sampled yet. */
export function ledgerNow({ memory, told }: Pick<Model, 'memory' | 'told'>): Ledger | null {
  const { node } = memory;
  if (node === null || memory.samples.size === 0) return null;
  const total = (...parts: readonly (number | null)[]) => parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  return makeLedger({
    node: {
      totalBytes: node.memTotalBytes,
      freeBytes: node.memFreeBytes,
      anonBytes: node.anonBytes ?? total(node.activeAnonBytes, node.inactiveAnonBytes),
      fileBytes: total(node.cachedBytes, node.buffersBytes),
      kernelBytes: kernelBytes(node, total),
      hugetlbBytes: node.hugetlbBytes ?? 0,
    },
    cgroups: holdings(memory),
    // Samples know cgroups and no processes.
    tasks: [],
    kubePods: told.at(-1)?.pods ?? null,
  });
}

function kernelBytes(node: NodeEvent, total: (...parts: readonly (number | null)[]) => number): number {
  const { slabReclaimableBytes, slabUnreclaimableBytes, kernelStackBytes, pageTableBytes, percpuBytes } = node;
  return total(slabReclaimableBytes, slabUnreclaimableBytes, kernelStackBytes, pageTableBytes, percpuBytes);
}

/** A parent before its children. */
function holdings({ cgroups, samples, stats }: MemoryState): CgroupHolding[] {
  const found: CgroupHolding[] = [];
  for (const { id, path, level } of cgroups.values()) {
    const sample = samples.get(id);
    if (sample === undefined) continue;
    const stat = stats.get(id);
    found.push({
      ...{ id, path, level, pathTruncated: false, oomGroup: false },
      ...{ usageBytes: sample.usageBytes, maxBytes: sample.maxBytes, highBytes: sample.highBytes },
      ...{ swapBytes: sample.swapBytes, swapMaxBytes: null, swapIsMemsw: false },
      anonBytes: stat?.anonBytes ?? null,
      fileBytes: stat?.fileBytes ?? null,
      kernelBytes: stat?.kernelBytes ?? null,
      inactiveFileBytes: stat?.inactiveFileBytes ?? null,
    });
  }
  return found.sort((a, b) => (a.level ?? 0) - (b.level ?? 0));
}
