import type { MemoryPoint, MemoryTrack } from '../../model/growth.js';
import { cgroupPath, type MemoryState } from '../../model/memory-state.js';

/** How far back a culprit is looked for, and how fine. */
const SPAN_US = 120_000_000;
const STEP_US = 5_000_000;
/** Of the largest cgroups: a culprit is among them. */
const MAX_CGROUPS = 1_000;

/** The last two minutes of each cgroup, coarse: enough to tell who grew before a kill, at a few hundred bytes each. */
export class RecentMemory {
  readonly #points = new Map<number, MemoryPoint[]>();
  #lastUs = Number.NEGATIVE_INFINITY;

  /** To be called with each new breakdown. */
  take(memory: MemoryState, nowUs: number): void {
    if (nowUs - this.#lastUs < STEP_US) return;
    this.#lastUs = nowUs;
    const usage = (id: number) => memory.samples.get(id)?.usageBytes ?? 0;
    const largest = [...memory.stats.keys()].sort((a, b) => usage(b) - usage(a)).slice(0, MAX_CGROUPS);
    for (const id of largest) {
      const stat = memory.stats.get(id);
      if (stat === undefined) continue;
      const { anonBytes, activeFileBytes, inactiveFileBytes, shmemBytes, swapBytes, workingSetBytes } = stat;
      const point: MemoryPoint = {
        tUs: nowUs,
        usageBytes: memory.samples.get(id)?.usageBytes ?? null,
        // As tracksOf() has them: "file" holds shmem, "kernel" what it can reclaim.
        fileBytes: less(stat.fileBytes, shmemBytes),
        kernelBytes: less(stat.kernelBytes, stat.slabReclaimableBytes),
        ...{ anonBytes, activeFileBytes, inactiveFileBytes, shmemBytes, swapBytes, workingSetBytes },
      };
      this.#points.set(id, [...(this.#points.get(id) ?? []), point]);
    }
    this.#forget(nowUs - SPAN_US);
  }

  tracks(memory: MemoryState): MemoryTrack[] {
    return [...this.#points].flatMap(([id, points]) => {
      const path = cgroupPath(memory, id);
      if (path === null) return [];
      const life = memory.cgroups.get(id);
      const appearedUs = life?.change === 'appeared' ? life.tUs : null;
      return [{ id, path, appearedUs, maxBytes: null, highBytes: null, points }];
    });
  }

  #forget(beforeUs: number): void {
    for (const [id, points] of this.#points) {
      const kept = points.filter(({ tUs }) => tUs >= beforeUs);
      if (kept.length === 0) this.#points.delete(id);
      else this.#points.set(id, kept);
    }
  }
}

function less(whole: number | null, part: number | null): number | null {
  return whole === null ? null : Math.max(0, whole - (part ?? 0));
}
