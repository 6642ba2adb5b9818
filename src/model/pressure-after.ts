import { formatDuration } from '../base/units.js';
import type { EpisodeEvent } from '../events/episode.js';
import { cgroupName } from './cause.js';
import { isInside } from './cgroup-tree.js';
import type { MemoryState } from './memory-state.js';
import { type Field, NODE_ID } from './series/fields.js';
import type { SeriesStore } from './series/series.js';

/** How long tasks still stalled for memory after a kill, where memory was short. Times are counted from the kill. */
export type PressureAfter =
  /** Why nothing can be said, as a clause. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'ended';
      /** By then, at the latest: a reading tells of the time before it. 0 = none was seen after the kill. */
      readonly withinUs: number;
      /** When pressure was seen again; null = it was not, as far as one looked. */
      readonly againUs: number | null;
    }
  /** It was there up to where one looked: until a while after the kill, or where the record ends before that. */
  | { readonly kind: 'lasting'; readonly forUs: number; readonly recordEnds: boolean };

export const NO_PRESSURE_DATA: PressureAfter = { kind: 'unknown', reason: 'no pressure data' };

/** A page-in now and then is no pressure: as for the sampler, which looks more often at what is under pressure. */
const STALL_MIN_US = 1_000;
/** What was under pressure is read ten times a second, and for two seconds after it: so long without a stall is an end. */
const QUIET_US = 1_000_000;

export interface Look {
  /** The cgroup that was short; '/' = the node. */
  readonly scopePath: string;
  /** A reading from here on shows that pressure is told at all. */
  readonly fromUs: number;
  readonly killUs: number;
  readonly toUs: number;
}

/** By PSI of what was short, all below it included; where there is none, by the stalls of the tasks in it. */
export function pressureAfter(series: SeriesStore, memory: MemoryState, look: Look): PressureAfter {
  const psi = psiIn(series, memory, look);
  const readings = psi.length > 0 ? psi : stallsIn(series, memory, look);
  if (readings.length === 0) return NO_PRESSURE_DATA;
  const { killUs, toUs } = look;
  const after = readings.filter(({ tUs }) => tUs > killUs);
  if (after.some(({ isWhole }) => !isWhole)) return { kind: 'unknown', reason: 'its readings are not kept any more' };
  const nowUs = series.nowUs ?? killUs;
  let endUs = killUs;
  for (const { fromUs, tUs, us } of after.toSorted((a, b) => a.tUs - b.tUs)) {
    if (us < STALL_MIN_US) continue;
    if (fromUs - endUs > QUIET_US) return { kind: 'ended', withinUs: endUs - killUs, againUs: tUs - killUs };
    endUs = Math.max(endUs, tUs);
  }
  if (Math.min(nowUs, toUs) - endUs > QUIET_US) return { kind: 'ended', withinUs: endUs - killUs, againUs: null };
  if (endUs === killUs) return { kind: 'unknown', reason: 'the record ends with the kill' };
  return { kind: 'lasting', forUs: endUs - killUs, recordEnds: nowUs < toUs };
}

interface Reading {
  readonly fromUs: number;
  readonly tUs: number;
  /** Stalled in that time. */
  readonly us: number;
  /** It stands for itself: of an older time several are one. */
  readonly isWhole: boolean;
}

function psiIn(series: SeriesStore, memory: MemoryState, look: Look): Reading[] {
  const { scopePath } = look;
  if (scopePath === '/') return readings(series, 'nodePressure', NODE_ID, 'someUs', look);
  return idsOf(memory, (path) => path === scopePath).flatMap((id) => readings(series, 'pressure', id, 'someUs', look));
}

/** Each task stands in its own cgroup alone. */
function stallsIn(series: SeriesStore, memory: MemoryState, look: Look): Reading[] {
  const ids = idsOf(memory, (path) => isInside(path, look.scopePath));
  return ids.flatMap((id) => readings(series, 'stalls', id, 'stallUs', look));
}

function idsOf({ cgroups, gone }: MemoryState, isMeant: (path: string) => boolean): number[] {
  return [...cgroups.values(), ...gone.values()].flatMap(({ id, path }) =>
    path !== null && isMeant(path) ? [id] : [],
  );
}

function readings<K extends 'pressure' | 'nodePressure' | 'stalls'>(
  series: SeriesStore,
  kind: K,
  id: number,
  field: Field<K>,
  { fromUs, toUs }: Look,
): Reading[] {
  const fineFromUs = series.fineFromUs(kind, id) ?? Number.POSITIVE_INFINITY;
  const { timesUs, values } = series.line(kind, id, field, fromUs, toUs);
  const spans = series.line(kind, id, 'spanUs' as Field<K>, fromUs, toUs).values;
  return Array.from(timesUs, (tUs, row) => ({
    ...{ fromUs: tUs - (spans[row] ?? 0), tUs, us: values[row] ?? 0, isWhole: tUs >= fineFromUs },
  }));
}

/** A sentence, safe to print. Null = there was no shortage that could end, or nobody was killed for it. */
export function pressureInWords(after: PressureAfter, episode: EpisodeEvent): string | null {
  const { limitCgroup, choice, sysrq } = episode;
  if (choice === null || sysrq === true) return null;
  const name = limitCgroup === null ? 'the node' : cgroupName(limitCgroup);
  switch (after.kind) {
    case 'unknown':
      return `How long the pressure on ${name} lasted is unknown: ${after.reason}.`;
    case 'ended': {
      const { withinUs, againUs } = after;
      const end =
        withinUs === 0
          ? `No pressure on ${name} was seen after the kill`
          : `The pressure on ${name} ended within ${formatDuration(withinUs)} of the kill`;
      return againUs === null ? `${end}.` : `${end}; it was back ${formatDuration(againUs)} after the kill.`;
    }
    case 'lasting': {
      const end = after.recordEnds ? ', when the record ended' : '';
      return `The pressure on ${name} still lasted ${formatDuration(after.forUs)} after the kill${end}.`;
    }
  }
}
