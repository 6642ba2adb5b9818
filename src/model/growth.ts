/** What a cgroup and all below it held at one moment. Null = this host or hierarchy does not say. */
export interface MemoryPoint {
  readonly tUs: number;
  readonly usageBytes: number | null;
  readonly anonBytes: number | null;
  /** Page cache without shmem: what reclaim can drop. */
  readonly fileBytes: number | null;
  readonly activeFileBytes: number | null;
  readonly inactiveFileBytes: number | null;
  readonly shmemBytes: number | null;
  /** Of the kernel, without what it can reclaim. */
  readonly kernelBytes: number | null;
  readonly swapBytes: number | null;
  /** kubelet's number: usage without inactive file. */
  readonly workingSetBytes: number | null;
}

/** One cgroup's memory over time. */
export interface MemoryTrack {
  readonly id: number;
  readonly path: string;
  /** When it came, if it came while watched: before that it held nothing. */
  readonly appearedUs: number | null;
  /** The newest that is known. Null = not known. */
  readonly maxBytes: number | 'max' | null;
  readonly highBytes: number | 'max' | null;
  /** Oldest first. */
  readonly points: readonly MemoryPoint[];
}

/** The parts of memory that can grow, each apart. */
export type MemoryKind = 'anon' | 'file' | 'shmem' | 'kernel';

/** How a cgroup's memory changed in a window. */
export interface Growth {
  readonly id: number;
  readonly path: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** Anon, shmem, kernel and swap together: what only a kill, or swap, gets back. Signed. */
  readonly unreclaimableBytes: number;
  /** Signed; swapped memory counts as the anon or shmem that it is, as anon. Null = not known apart. */
  readonly byKind: Readonly<Record<MemoryKind, number>> | null;
  /** What grew: the kind that makes most of the growth; 'mixed' = none does; null = nothing grew, or it is not known. */
  readonly kind: MemoryKind | 'mixed' | null;
  readonly from: MemoryPoint | null;
  readonly to: MemoryPoint;
}

/** Of the growth in a window. Below it nobody is called the one. */
export const MAJORITY = 0.6;

/** What reclaim cannot get back at that moment; where the parts are not known, all that is used. */
export function unreclaimableBytes(point: MemoryPoint): number | null {
  const { anonBytes, shmemBytes, kernelBytes, swapBytes, usageBytes } = point;
  if (anonBytes === null) return usageBytes;
  return anonBytes + (shmemBytes ?? 0) + (kernelBytes ?? 0) + (swapBytes ?? 0);
}

/** How much of a rise may be missing at its beginning: noise of before does not stretch the window. */
const RAMP_EDGE = 0.02;
/**
 * A rise is one slope when it stays as close to a straight line, of its own height. The stricter comes first: within the looser one
 * what a process took at its start can pass for the beginning of its leak.
 */
const STRAIGHT = { strict: 0.05, loose: 0.15 } as const;
/** The last slope counts alone when it makes at least this much of the rise. */
const LAST_SLOPE = 0.5;
/** So long, of the whole, a rise stands still that is two. */
const STANDSTILL = 0.2;
const FIT_POINTS = 300;

interface Level {
  readonly tUs: number;
  readonly bytes: number;
}

/**
 * When the rise began that ended at `toUs`. A process first takes what it needs and then leaks: where the last straight slope
 * makes most of the rise, it is that; else all of it since it was lowest. Null = there are not two points to compare. What rises is
 * what cannot be reclaimed, unless `levelOf` says otherwise.
 */
export function rampStartUs(
  { points }: MemoryTrack,
  toUs: number,
  levelOf: (point: MemoryPoint) => number | null = unreclaimableBytes,
): number | null {
  const known = points.flatMap((point): Level[] => {
    const bytes = levelOf(point);
    return bytes === null || point.tUs > toUs ? [] : [{ tUs: point.tUs, bytes }];
  });
  const end = known.at(-1);
  if (end === undefined || known.length < 2) return null;
  const whole = footOf(known);
  const rise = thinned(known.slice(known.indexOf(whole)));
  const isMost = ({ bytes }: Level) => end.bytes - bytes >= (end.bytes - whole.bytes) * LAST_SLOPE;
  const straightFrom = (tolerance: number) => rise.find((_, start) => isStraight(rise, start, tolerance));
  const slopes = [straightFrom(STRAIGHT.strict), lastStandstill(rise, isMost), straightFrom(STRAIGHT.loose)];
  const first = slopes.find((from) => from !== undefined && isMost(from));
  return first === undefined ? whole.tUs : onsetUs(known, known.indexOf(footOf(known.slice(known.indexOf(first)))));
}

/**
 * When the slope began that is seen from `seen` on. While all is calm samples are a second apart: the slope began between two of
 * them, where it meets the level of the one before. That level is what it rose from.
 */
function onsetUs(known: readonly Level[], seen: number): number {
  const end = known.at(-1);
  let after = known[seen];
  const next = known[seen + 1];
  if (end === undefined || after === undefined || next === undefined) return after?.tUs ?? 0;
  const leftUs = leaveUs(after, next, end);
  if (leftUs - after.tUs > (next.tUs - after.tUs) * STRAIGHT.loose) return leftUs;
  const slope = (end.bytes - after.bytes) / Math.max(1, end.tUs - after.tUs);
  for (let index = seen - 1; index >= 0; index--) {
    const before: Level = known[index] ?? after;
    const rise = after.bytes - before.bytes;
    const onSlopeUs = rise / slope;
    const isSteeper = onSlopeUs > (after.tUs - before.tUs) * (1 + STRAIGHT.loose);
    // Something else: it fell, or a process took what it needs before it began to leak.
    if (rise < 0 || isSteeper) break;
    if (onSlopeUs < (after.tUs - before.tUs) * (1 - STRAIGHT.loose)) return after.tUs - onSlopeUs;
    after = before;
  }
  return after.tUs;
}

/** When the level of `from` was left, if the line from `next` to `end` went on before `next` as it does after it. */
function leaveUs(from: Level, next: Level, end: Level): number {
  if (end.tUs <= next.tUs || end.bytes <= next.bytes || next.bytes < from.bytes) return from.tUs;
  const onSlopeUs = (next.bytes - from.bytes) / ((end.bytes - next.bytes) / (end.tUs - next.tUs));
  return Math.max(from.tUs, next.tUs - onSlopeUs);
}

/** Where the last rise of these begins: the foot of the slope on which it passed a fiftieth of its height. */
function footOf(levels: readonly Level[]): Level {
  const least = levels.reduce((min, { bytes }) => Math.min(min, bytes), Number.POSITIVE_INFINITY);
  const edge = least + ((levels.at(-1)?.bytes ?? 0) - least) * RAMP_EDGE;
  let start = levels.findLastIndex(({ bytes }) => bytes <= edge);
  // Where there is no noise to hide it, its very foot.
  while (start > 0 && (levels[start - 1]?.bytes ?? 0) < (levels[start]?.bytes ?? 0)) start--;
  return levels[start] ?? { tUs: 0, bytes: 0 };
}

/**
 * Where a rise went on that had stood still for a good part of its time: what came before was another one, however crooked the machine's
 * load has made either.
 */
function lastStandstill(rise: readonly Level[], isWanted: (level: Level) => boolean): Level | undefined {
  const [first, last] = [rise[0], rise.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const still = Math.abs(last.bytes - first.bytes) * RAMP_EDGE;
  return rise.findLast((end, index) => {
    const moved = rise.findLastIndex(({ bytes }, at) => at < index && Math.abs(bytes - end.bytes) > still);
    const begin = rise[moved + 1] ?? end;
    return isWanted(end) && end.tUs - begin.tUs >= (last.tUs - first.tUs) * STANDSTILL;
  });
}

/** Whether the levels from `start` on stay close to the line from there to the end. */
function isStraight(levels: readonly Level[], start: number, tolerance: number): boolean {
  const from = levels[start];
  const to = levels.at(-1);
  if (from === undefined || to === undefined) return false;
  const rise = to.bytes - from.bytes;
  const span = Math.max(1, to.tUs - from.tUs);
  for (let index = start + 1; index < levels.length; index++) {
    const level = levels[index] ?? to;
    const onLine = from.bytes + (rise * (level.tUs - from.tUs)) / span;
    if (Math.abs(level.bytes - onLine) > rise * tolerance) return false;
  }
  return true;
}

function thinned(levels: readonly Level[]): readonly Level[] {
  const every = Math.ceil(levels.length / FIT_POINTS);
  return levels.filter((_, index) => index % every === 0 || index === levels.length - 1);
}

/** How much a cgroup grew in the window; null = nothing is known of it there. */
export function growthIn(track: MemoryTrack, fromUs: number, toUs: number): Growth | null {
  const to = track.points.findLast(({ tUs }) => tUs <= toUs);
  if (to === undefined) return null;
  const bornInside = track.appearedUs !== null && track.appearedUs > fromUs;
  const from = bornInside ? null : (track.points.findLast(({ tUs }) => tUs <= fromUs) ?? track.points[0] ?? null);
  const after = unreclaimableBytes(to);
  const before = from === null ? 0 : unreclaimableBytes(from);
  if (after === null || before === null) return null;
  const byKind = changeByKind(from, to);
  return {
    id: track.id,
    path: track.path,
    fromUs: from === null ? (track.appearedUs ?? fromUs) : Math.max(from.tUs, fromUs),
    toUs: to.tUs,
    unreclaimableBytes: after - before,
    byKind,
    kind: byKind === null ? null : mainKind(byKind),
    from,
    to,
  };
}

function changeByKind(from: MemoryPoint | null, to: MemoryPoint): Growth['byKind'] {
  if (to.anonBytes === null || (from !== null && from.anonBytes === null)) return null;
  const change = (read: (point: MemoryPoint) => number | null) =>
    (read(to) ?? 0) - (from === null ? 0 : (read(from) ?? 0));
  return {
    anon: change(({ anonBytes }) => anonBytes) + change(({ swapBytes }) => swapBytes),
    file: change(({ fileBytes }) => fileBytes),
    shmem: change(({ shmemBytes }) => shmemBytes),
    kernel: change(({ kernelBytes }) => kernelBytes),
  };
}

function mainKind(byKind: Readonly<Record<MemoryKind, number>>): Growth['kind'] {
  const grown = (Object.entries(byKind) as [MemoryKind, number][]).filter(([, bytes]) => bytes > 0);
  const all = grown.reduce((sum, [, bytes]) => sum + bytes, 0);
  const [kind, most] = grown.reduce<[MemoryKind | null, number]>((a, b) => (b[1] > a[1] ? b : a), [null, 0]);
  if (kind === null) return null;
  return most >= all * MAJORITY ? kind : 'mixed';
}
