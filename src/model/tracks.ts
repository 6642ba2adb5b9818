import type { CgroupMemory } from '../events/cgroup.js';
import type { EpisodeEvent } from '../events/episode.js';
import { isInside } from './cgroup-tree.js';
import type { MemoryPoint, MemoryTrack } from './growth.js';
import { cgroupPath, type MemoryState } from './memory-state.js';
import { NODE_ID } from './series/fields.js';
import type { SeriesStore } from './series/series.js';

/**
 * The timelines of the cgroups whose names are known, from `fromUs` to `toUs`, both included; of those that `isWanted` alone,
 * since of hundreds a kill within one concerns a few.
 */
export function tracksOf(
  series: SeriesStore,
  memory: MemoryState,
  fromUs: number,
  toUs: number,
  isWanted: (id: number, path: string) => boolean = () => true,
): MemoryTrack[] {
  return [...idsOf(series)]
    .filter((id) => {
      const path = cgroupPath(memory, id);
      return path !== null && isWanted(id, path);
    })
    .flatMap((id) => trackOf(id, series, memory, fromUs, toUs));
}

/** As `tracksOf`, without those whose usage never moved by `bytes`: of hundreds few do, and the others cost as much. */
export function movedTracksOf(
  series: SeriesStore,
  memory: MemoryState,
  fromUs: number,
  toUs: number,
  bytes: number,
): MemoryTrack[] {
  return [...idsOf(series)]
    .filter((id) => rangeOf(series.line('sample', id, 'usageBytes', fromUs, toUs).values) >= bytes)
    .flatMap((id) => trackOf(id, series, memory, fromUs, toUs));
}

function idsOf(series: SeriesStore): Set<number> {
  return new Set([...series.ids('stat'), ...series.ids('sample')]);
}

function rangeOf(values: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}

function trackOf(id: number, series: SeriesStore, memory: MemoryState, fromUs: number, toUs: number): MemoryTrack[] {
  const life = memory.cgroups.get(id) ?? memory.gone.get(id);
  if (life === undefined || life.path === null) return [];
  const points = pointsOf(series, id, fromUs, toUs);
  if (points.length === 0) return [];
  return [
    {
      id,
      path: life.path,
      appearedUs: series.bornUs(id) ?? (life.change === 'appeared' ? life.tUs : null),
      maxBytes: limitOf(series.valueAt('sample', id, 'maxBytes', toUs)),
      highBytes: limitOf(series.valueAt('sample', id, 'highBytes', toUs)),
      points,
    },
  ];
}

/** A point for each breakdown; where there is none, for each sample. */
function pointsOf(series: SeriesStore, id: number, fromUs: number, toUs: number): MemoryPoint[] {
  const column = (field: StatField) => series.line('stat', id, field, fromUs, toUs).values;
  const { timesUs } = series.line('stat', id, 'anonBytes', fromUs, toUs);
  if (timesUs.length === 0) return samplePoints(series, id, fromUs, toUs);
  const columns = STAT_FIELDS.map((field) => [field, column(field)] as const);
  const points = Array.from(timesUs, (tUs, row): MemoryPoint => {
    const stat = Object.fromEntries(columns.map(([field, values]) => [field, known(values[row])])) as Stat;
    const { fileBytes, shmemBytes, kernelBytes, slabReclaimableBytes, ...rest } = stat;
    return {
      ...rest,
      tUs,
      usageBytes: series.valueAt('sample', id, 'usageBytes', tUs),
      // The kernel's "file" holds shmem as well.
      fileBytes: fileBytes === null ? null : Math.max(0, fileBytes - (shmemBytes ?? 0)),
      shmemBytes,
      kernelBytes: kernelBytes === null ? null : Math.max(0, kernelBytes - (slabReclaimableBytes ?? 0)),
    };
  });
  const ticksUs = series.line('node', NODE_ID, 'memFreeBytes', fromUs, toUs).timesUs;
  const usageAt = (tUs: number) => series.valueAt('sample', id, 'usageBytes', tUs);
  return points.flatMap((point, index) => {
    const untilUs = holdsUntilUs(point, points[index + 1]?.tUs ?? point.tUs, ticksUs, usageAt);
    return untilUs === null ? [point] : [point, { ...point, tUs: untilUs }];
  });
}

/** The kernel charges pages in batches: less than this is no change. */
const SAME_BYTES = 1024 * 1024;

/**
 * Breakdowns are not read at each tick, nor told when nothing has changed; usage is known at each. The last tick before the next
 * point at which a cgroup still had the usage of this one: so long it held what it held. Null = there is none.
 */
function holdsUntilUs(
  { tUs, usageBytes }: MemoryPoint,
  nextUs: number,
  ticksUs: Float64Array,
  usageAt: (tUs: number) => number | null,
): number | null {
  if (usageBytes === null) return null;
  let untilUs: number | null = null;
  for (let tick = firstAfter(ticksUs, tUs); tick < ticksUs.length; tick++) {
    const tickUs = ticksUs[tick] ?? nextUs;
    const bytes = tickUs < nextUs ? usageAt(tickUs) : null;
    if (bytes === null || Math.abs(bytes - usageBytes) > SAME_BYTES) break;
    untilUs = tickUs;
  }
  return untilUs;
}

function firstAfter(ascendingUs: Float64Array, tUs: number): number {
  let [low, high] = [0, ascendingUs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascendingUs[middle] ?? 0) <= tUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function samplePoints(series: SeriesStore, id: number, fromUs: number, toUs: number): MemoryPoint[] {
  const { timesUs, values } = series.line('sample', id, 'usageBytes', fromUs, toUs);
  return Array.from(timesUs, (tUs, row) => ({ ...NOTHING_KNOWN, tUs, usageBytes: known(values[row]) }));
}

const STAT_FIELDS = [
  'anonBytes',
  'fileBytes',
  'activeFileBytes',
  'inactiveFileBytes',
  'shmemBytes',
  'kernelBytes',
  'slabReclaimableBytes',
  'swapBytes',
  'workingSetBytes',
] as const;
type StatField = (typeof STAT_FIELDS)[number];
type Stat = Record<StatField, number | null>;

const NOTHING_KNOWN: MemoryPoint = {
  ...{ tUs: 0, usageBytes: null, anonBytes: null, fileBytes: null, activeFileBytes: null, inactiveFileBytes: null },
  ...{ shmemBytes: null, kernelBytes: null, swapBytes: null, workingSetBytes: null },
};

const NOTHING_HELD: MemoryPoint = {
  ...{ tUs: 0, usageBytes: 0, anonBytes: 0, fileBytes: 0, activeFileBytes: 0, inactiveFileBytes: 0 },
  ...{ shmemBytes: 0, kernelBytes: 0, swapBytes: 0, workingSetBytes: 0 },
};

function known(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** The series have Infinity for "max". */
function limitOf(value: number | null): number | 'max' | null {
  return value === Number.POSITIVE_INFINITY ? 'max' : value;
}

/** While all is calm there is a look each second: of a cgroup this young there are few. */
const YOUNG_US = 3_000_000;

/** The tracks with one more point where a cgroup came shortly before `killUs`: it began with nothing. */
export function withBirth(tracks: readonly MemoryTrack[], killUs: number): MemoryTrack[] {
  return tracks.map((track) => {
    const { appearedUs, points } = track;
    if (appearedUs === null || appearedUs < killUs - YOUNG_US || appearedUs >= (points[0]?.tUs ?? killUs)) return track;
    return { ...track, points: [{ ...NOTHING_HELD, tUs: appearedUs }, ...points] };
  });
}

/** Those that the episode names and nobody looked at yet, since they had just come. Without points. */
export function unseenTracks(series: SeriesStore, episode: EpisodeEvent, seen: readonly MemoryTrack[]): MemoryTrack[] {
  return recordedCgroups(episode).flatMap(({ id, path, maxBytes, highBytes }, index, all) => {
    if (id === null || path === null || seen.some((track) => track.id === id)) return [];
    const appearedUs = series.bornUs(id);
    const isNamedBefore = all.findIndex((cgroup) => cgroup.id === id) < index;
    return appearedUs === null || isNamedBefore ? [] : [{ id, path, appearedUs, maxBytes, highBytes, points: [] }];
  });
}

function recordedCgroups({ limitCgroup, triggerCgroup, victimCgroup, limitAncestors }: EpisodeEvent): CgroupMemory[] {
  return [limitCgroup, triggerCgroup, victimCgroup, ...limitAncestors].filter((cgroup) => cgroup !== null);
}

/**
 * The tracks with what the kill itself recorded as their last point: samples are up to a second old by then, and a ramp is
 * steepest at its end. The usage of a cgroup that the episode names is the kernel's; what it grew by since the last point
 * is taken for anonymous memory as far as the processes of it on the ballot hold as much more.
 */
export function withKillPoint(tracks: readonly MemoryTrack[], episode: EpisodeEvent): MemoryTrack[] {
  const recorded = recordedCgroups(episode);
  return tracks.map((track) => {
    const own = recorded.find(({ path }) => path === track.path);
    const last = track.points.findLast(({ tUs }) => tUs <= episode.episodeUs);
    const point = own === undefined || last === undefined ? null : killPoint(last, own, episode);
    if (point === null) return track;
    const before = track.points.filter(({ tUs }) => tUs < point.tUs);
    return { ...track, points: [...before, point, ...track.points.filter(({ tUs }) => tUs > point.tUs)] };
  });
}

function killPoint(last: MemoryPoint, { usageBytes, path }: CgroupMemory, episode: EpisodeEvent): MemoryPoint | null {
  if (usageBytes === null || last.tUs === episode.episodeUs) return null;
  const at = { ...last, tUs: episode.episodeUs, usageBytes };
  if (last.anonBytes === null || last.usageBytes === null) return at;
  const rssAnonBytes = episode.candidates.reduce(
    (sum, candidate) =>
      sum + (path !== null && isInside(candidate.cgroupPath, path) ? (candidate.rssAnonBytes ?? 0) : 0),
    0,
  );
  const grownBytes = Math.min(usageBytes - last.usageBytes, rssAnonBytes - last.anonBytes);
  return { ...at, anonBytes: last.anonBytes + Math.max(0, grownBytes) };
}
