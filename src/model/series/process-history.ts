import type { ProcessRow, ProcessSampleEvent } from '../../events/process-sample.js';

/** One process over time, as far as it was among those that are told. */
export interface ProcessTrack {
  readonly pid: number;
  /** With `pid` it names the process for good; null = not known. */
  readonly startUs: number | null;
  readonly comm: string;
  /** Of its newest row. */
  readonly cgroupId: number | null;
  /** Oldest first. */
  readonly points: readonly ProcessPoint[];
}

interface ProcessPoint {
  readonly tUs: number;
  /** Anonymous memory, shmem and swap. */
  readonly bytes: number;
}

const KEPT_US = 15 * 60 * 1_000_000;
/** Some 5 MB. */
const KEPT_ROWS = 40_000;

/** The samples of processes of the last minutes, in bounded memory; changed in place like the series beside it. */
export class ProcessHistory {
  #samples: { readonly tUs: number; readonly rows: readonly ProcessRow[] }[] = [];
  #rows = 0;

  add({ tUs, processes }: ProcessSampleEvent): void {
    this.#samples.push({ tUs, rows: processes });
    this.#rows += processes.length;
    let old = 0;
    while (this.#isTooMuch(old, tUs)) {
      this.#rows -= this.#samples[old]?.rows.length ?? 0;
      old++;
    }
    if (old > 0) this.#samples.splice(0, old);
  }

  clear(): void {
    this.#samples = [];
    this.#rows = 0;
  }

  /** The newest sample before `fromUs` is told as well: so long each held what it held. */
  tracks(fromUs: number, toUs: number): ProcessTrack[] {
    const first = Math.max(
      0,
      this.#samples.findLastIndex(({ tUs }) => tUs <= fromUs),
    );
    const tracks = new Map<string, ProcessTrack & { points: ProcessPoint[] }>();
    for (const { tUs, rows } of this.#samples.slice(first)) {
      if (tUs > toUs) break;
      for (const row of rows) {
        const key = `${row.pid} ${row.startUs}`;
        const points = tracks.get(key)?.points ?? [];
        points.push({ tUs, bytes: heldBytes(row) });
        const { pid, startUs, comm, cgroupId } = row;
        tracks.set(key, { pid, startUs, comm, cgroupId, points });
      }
    }
    return [...tracks.values()];
  }

  /** The newest stays, whatever it holds. */
  #isTooMuch(index: number, nowUs: number): boolean {
    const sample = this.#samples[index];
    if (sample === undefined || index === this.#samples.length - 1) return false;
    return this.#rows > KEPT_ROWS || sample.tUs < nowUs - KEPT_US;
  }
}

/** What only the end of a process, or swap, gets back. */
export function heldBytes({
  rssAnonBytes,
  rssShmemBytes,
  swapBytes,
}: Pick<ProcessRow, 'rssAnonBytes' | 'rssShmemBytes' | 'swapBytes'>): number {
  return (rssAnonBytes ?? 0) + (rssShmemBytes ?? 0) + (swapBytes ?? 0);
}
