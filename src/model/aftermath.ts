import type { ProcessFacts, ProcessMemory } from '../events/process.js';
import type { VictimEvent } from '../events/victim.js';
import type { IncidentVictim } from './model.js';

/** What became of one victim. Every figure is null until its step was seen. */
export interface Aftermath {
  readonly process: ProcessFacts | null;
  readonly markedUs: number | null;
  /** When the OOM reaper last finished with its memory. */
  readonly reapedUs: number | null;
  /** What it had to leave, as far as that was told. */
  readonly leftByReaper: ProcessMemory | null;
  readonly exitedUs: number | null;
  /** Mark to exit. */
  readonly dyingUs: number | null;
  /**
   * Anonymous memory, swap and page tables that it held at the mark and that go with it. File pages are left out, since
   * they stay in the cache, and so is shmem, which stays until its file is deleted. Where no other process shares the
   * memory all of it goes: another thread may still be giving it back when the last one passes.
   */
  readonly freedBytes: number | null;
  /** Processes that still share its memory: more than 0 = it is not free. */
  readonly memorySharedBy: number | null;
}

export function aftermathOf(victim: IncidentVictim): Aftermath {
  const mark = stepOf(victim, 'marked');
  const exit = stepOf(victim, 'exited');
  const reaped = stepOf(victim, 'reaper-finished');
  return {
    process: victim.steps.find((step) => step.process !== null)?.process ?? null,
    markedUs: mark?.tUs ?? null,
    reapedUs: reaped?.tUs ?? null,
    leftByReaper: reaped?.memory ?? null,
    exitedUs: exit?.tUs ?? null,
    dyingUs: mark === undefined || exit === undefined ? null : exit.tUs - mark.tUs,
    freedBytes: freedBytes(mark, exit),
    memorySharedBy: exit?.memorySharedBy ?? null,
  };
}

function stepOf(victim: IncidentVictim, step: VictimEvent['step']): VictimEvent | undefined {
  return victim.steps.findLast((event) => event.step === step);
}

function freedBytes(mark: VictimEvent | undefined, exit: VictimEvent | undefined): number | null {
  const before = ownBytes(mark?.memory ?? null);
  const after = ownBytes(exit?.memory ?? null);
  if (before === null || after === null) return null;
  return exit?.memorySharedBy === 0 ? before : Math.max(0, before - after);
}

function ownBytes(memory: ProcessMemory | null): number | null {
  if (memory === null) return null;
  const { rssAnonBytes, swapBytes, pageTableBytes } = memory;
  if (rssAnonBytes === null || swapBytes === null || pageTableBytes === null) return null;
  return rssAnonBytes + swapBytes + pageTableBytes;
}
