import { OomscopeError } from '../../base/errors.js';
import type { ChunkRef } from '../mcap/records.js';
import type { TraceFile } from '../trace-file.js';

/** What one file adds to the timeline. Times are µs since 1970 by the clock of the boot's first file. */
export interface Section {
  readonly file: TraceFile;
  readonly startUs: number;
  readonly endUs: number;
  /** The first chunk that is played; those before are told by earlier files. */
  readonly firstChunk: number;
  /** What turns the boot's µs into the timeline's. */
  readonly bootEpochUs: number;
  /** It begins what another boot, or another run of oomscope, left off. */
  readonly beginsBoot: boolean;
  readonly beginsRun: boolean;
}

/** Several files of one node as one, in order of time. */
export class Timeline {
  private constructor(readonly sections: readonly Section[]) {}

  /** Throws E_TRACE_MIXED when the files are of several nodes. */
  static of(files: readonly TraceFile[]): Timeline {
    refuseSeveralNodes(files);
    const filled = files.filter((file) => file.chunks.length > 0);
    const boots = groupBy(filled, (file) => file.meta.bootId).map((boot) =>
      boot.sort((a, b) => bootStart(a) - bootStart(b)),
    );
    boots.sort((a, b) => epochStart(a) - epochStart(b));
    return new Timeline(boots.flatMap(bootSections));
  }

  get startUs(): number {
    return this.sections[0]?.startUs ?? 0;
  }

  get endUs(): number {
    return this.sections.reduce((most, { endUs }) => Math.max(most, endUs), 0);
  }

  /** Which section a moment falls into: the last that has begun; the first before all. −1 = there is none at all. */
  sectionAt(timeUs: number): number {
    const index = this.sections.findLastIndex((section) => section.startUs <= timeUs);
    return index < 0 ? Math.min(0, this.sections.length - 1) : index;
  }
}

/** A file without chunks says nothing of when, so it has no place. */
function bootSections(files: readonly TraceFile[]): Section[] {
  const bootEpochUs = files[0]?.meta.bootEpochUs ?? 0;
  const coveredUs = new Map<string, number>();
  const sections: Section[] = [];
  let lastRun: string | null = null;
  for (const file of files) {
    const { runId } = file.meta;
    const shiftUs = bootEpochUs - file.meta.bootEpochUs;
    const told = coveredUs.get(runId) ?? Number.NEGATIVE_INFINITY;
    // Within the moment that two files share, the numbers of the events tell them apart.
    const firstChunk = file.chunks.findIndex((chunk) => chunk.endUs + shiftUs >= told);
    const first = file.chunks[firstChunk];
    if (first === undefined) continue;
    const endUs = latest(file.chunks) + shiftUs;
    sections.push({
      file,
      startUs: Math.max(first.startUs + shiftUs, told),
      endUs,
      firstChunk,
      bootEpochUs,
      beginsBoot: lastRun === null,
      beginsRun: lastRun !== runId,
    });
    coveredUs.set(runId, Math.max(told, endUs));
    lastRun = runId;
  }
  return sections;
}

function latest(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((most, { endUs }) => Math.max(most, endUs), 0);
}

function bootStart(file: TraceFile): number {
  return (file.chunks[0]?.startUs ?? 0) - file.meta.bootEpochUs;
}

function epochStart(files: readonly TraceFile[]): number {
  return files[0]?.chunks[0]?.startUs ?? 0;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function refuseSeveralNodes(files: readonly TraceFile[]): void {
  const [first] = files;
  const other = files.find((file) => file.meta.hostname !== first?.meta.hostname);
  if (first === undefined || other === undefined) return;
  throw new OomscopeError(
    'E_TRACE_MIXED',
    `${first.name} is of the node ${JSON.stringify(first.meta.hostname)}, ${other.name} of ${JSON.stringify(other.meta.hostname)}.`,
    'Give the files of one node at a time.',
  );
}
