import type { EpisodeEvent } from '../../events/episode.js';
import { type MemoryTrack, unreclaimableBytes } from '../../model/growth.js';

/** Memory that cannot be reclaimed, over time, of the cgroups that matter, with the limit that was hit. */
export interface Picture {
  readonly fromUs: number;
  readonly toUs: number;
  readonly killUs: number;
  /** Null = there was none, or it is not known. */
  readonly limit: { readonly path: string; readonly bytes: number } | null;
  /** The largest first. */
  readonly lines: readonly PictureLine[];
}

export interface PictureLine {
  readonly path: string;
  readonly points: readonly (readonly [tUs: number, bytes: number])[];
}

const LINES_MAX = 5;
const WINDOW_MIN_US = 10_000_000;
/** Of the time shown, how much lies before the ramp. */
const LEAD_SHARE = 0.15;

/** Null = there is nothing to draw. `rampUs`: where the growth began; null = not known. */
export function pictureOf(
  tracks: readonly MemoryTrack[],
  episode: EpisodeEvent,
  rampUs: number | null,
): Picture | null {
  const killUs = episode.episodeUs;
  const spanUs = Math.max(WINDOW_MIN_US, rampUs === null ? 0 : killUs - rampUs);
  const fromUs = killUs - spanUs * (1 + LEAD_SHARE);
  const lines = tracks
    .map(({ path, points }) => ({
      path,
      points: points.flatMap((point) => {
        const bytes = unreclaimableBytes(point);
        return bytes === null || point.tUs < fromUs ? [] : [[point.tUs, bytes] as const];
      }),
    }))
    .filter(({ points }) => points.length >= 2)
    .sort((a, b) => highest(b) - highest(a))
    .slice(0, LINES_MAX);
  const times = lines.flatMap(({ points }) => points.map(([tUs]) => tUs));
  if (times.length === 0) return null;
  const { limitCgroup } = episode;
  const limit =
    limitCgroup !== null && limitCgroup.path !== null && typeof limitCgroup.maxBytes === 'number'
      ? { path: limitCgroup.path, bytes: limitCgroup.maxBytes }
      : null;
  return { fromUs: Math.min(...times), toUs: Math.max(killUs, ...times), killUs, limit, lines };
}

function highest({ points }: PictureLine): number {
  return points.reduce((most, [, bytes]) => Math.max(most, bytes), 0);
}

/** The value at `tUs`: what the point before it says. Null = before the first. */
export function valueAt({ points }: PictureLine, tUs: number): number | null {
  return points.findLast(([time]) => time <= tUs)?.[1] ?? null;
}
