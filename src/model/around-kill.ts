import type { EpisodeEvent } from '../events/episode.js';
import { isInside } from './cgroup-tree.js';
import { scopeOf } from './culprit.js';
import type { MemoryTrack } from './growth.js';
import { cgroupPath, type MemoryState } from './memory-state.js';
import type { Incident } from './model.js';
import { NO_PRESSURE_DATA, type PressureAfter, pressureAfter } from './pressure-after.js';
import type { PlacedProcess } from './process-culprit.js';
import type { SeriesStore } from './series/series.js';
import { tracksOf, unseenTracks, withBirth, withKillPoint } from './tracks.js';

/** How far back one looks for what led to a kill. */
export const BEFORE_KILL_US = 15 * 60 * 1_000_000;
/** What comes within this time after a kill is its aftermath. */
export const AFTER_KILL_US = 10 * 1_000_000;

/** What is known of memory over time around a kill, as far as it can matter for a verdict on it. */
export interface AroundKill {
  /** Of the cgroups within what was short, with the kill's own record as a point. */
  readonly tracks: readonly MemoryTrack[];
  readonly pressureAfter: PressureAfter;
  /** Processes within what was short, before the kill. */
  readonly processes: readonly PlacedProcess[];
}

export const NOTHING_AROUND: AroundKill = { tracks: [], pressureAfter: NO_PRESSURE_DATA, processes: [] };

/** Whether it was short for longer than the aftermath, or until the record ended, is known at the end of either. */
export function pressureAfterKill(series: SeriesStore, memory: MemoryState, episode: EpisodeEvent): PressureAfter {
  const { episodeUs: killUs } = episode;
  const scopePath = scopeOf(episode) ?? '/';
  const [fromUs, toUs] = [killUs - BEFORE_KILL_US, killUs + AFTER_KILL_US];
  return pressureAfter(series, memory, { scopePath, fromUs, killUs, toUs });
}

/** As far as `series` reaches by now: what comes later is missing, and what is old is coarse or gone. */
export function aroundKill(series: SeriesStore, memory: MemoryState, { episode, startUs }: Incident): AroundKill {
  if (episode === null) return NOTHING_AROUND;
  const scopePath = scopeOf(episode) ?? '/';
  // What one that was gone by then had grown to was back. Its successor may have its path, and so may that of one that died.
  const isGone = (id: number) => (memory.gone.get(id)?.tUs ?? Number.POSITIVE_INFINITY) < startUs;
  const isToCome = (id: number) => (series.bornUs(id) ?? 0) > startUs;
  const isWanted = (id: number, path: string) => isInside(path, scopePath) && !isGone(id) && !isToCome(id);
  const inside = tracksOf(series, memory, startUs - BEFORE_KILL_US, startUs + AFTER_KILL_US, isWanted);
  const unseen = unseenTracks(series, episode, inside).filter(({ path }) => isInside(path, scopePath));
  return {
    tracks: withKillPoint(withBirth([...inside, ...unseen], startUs), episode),
    pressureAfter: pressureAfterKill(series, memory, episode),
    processes: series.processes
      .tracks(startUs - BEFORE_KILL_US, startUs)
      .map((track) => ({ ...track, path: track.cgroupId === null ? null : cgroupPath(memory, track.cgroupId) }))
      .filter(({ path }) => isInside(path, scopePath)),
  };
}
