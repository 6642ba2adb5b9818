import { visible } from '../base/escape.js';
import { formatBytes, formatDuration } from '../base/units.js';
import { ancestorsOf } from './cgroup-tree.js';
import { type Growth, growthIn, type MemoryPoint, type MemoryTrack, rampStartUs } from './growth.js';
import { breakdownInWords, kindInWords } from './growth-words.js';

/** A cgroup whose memory grew while it was watched, and what that means; nobody has to be killed for it. */
export interface Assessment {
  readonly growth: Growth;
  /** All that grew, reclaimable or not. */
  readonly grownBytes: number;
  /** Sentences, safe to print. */
  readonly words: string;
}

/** Less is no growth to speak of. */
export const GROWN_MIN_BYTES = 16 * 2 ** 20;
const GROWN_MIN_SHARE = 0.1;
const SHOWN_MAX = 5;

/** Leak or cache, for the cgroups that grew most from the first to the last of their points. */
export function assessGrowth(tracks: readonly MemoryTrack[]): Assessment[] {
  const above = new Set(tracks.flatMap(({ path }) => ancestorsOf(path)));
  return tracks
    .filter(({ path }) => !above.has(path))
    .flatMap((track) => assess(track) ?? [])
    .sort((a, b) => b.grownBytes - a.grownBytes)
    .slice(0, SHOWN_MAX);
}

function assess(track: MemoryTrack): Assessment | null {
  const first = track.points[0];
  const last = track.points.at(-1);
  if (first === undefined || last === undefined) return null;
  const toUs = topUs(track.points) ?? last.tUs;
  const fromUs = rampStartUs(track, toUs, ({ usageBytes }) => usageBytes) ?? first.tUs;
  // What it held when it was first seen is no growth of this time.
  const growth = growthIn({ ...track, appearedUs: null }, fromUs, toUs);
  if (growth === null || growth.byKind === null) return null;
  const grownBytes = Object.values(growth.byKind).reduce((sum, bytes) => sum + Math.max(0, bytes), 0);
  if (grownBytes < GROWN_MIN_BYTES || grownBytes < (last.usageBytes ?? 0) * GROWN_MIN_SHARE) return null;
  const parts = breakdownInWords(growth.to);
  const words = [
    `${visible(track.path)} grew ${formatBytes(grownBytes)} in ${formatDuration(growth.toUs - growth.fromUs)}.`,
    `${kindInWords(growth) ?? 'What grew is not known'}.`,
    ...(parts === null ? [] : [`It then held ${parts}.`]),
  ];
  return { growth, grownBytes, words: words.join(' ') };
}

/** So near to its top a cgroup has come to the end of its growth. */
const TOP_SHARE = 0.995;

/** When the usage first came near to its highest: what stays there does not grow any more. Null = it is not known. */
function topUs(points: readonly MemoryPoint[]): number | null {
  const levels = points.flatMap(({ usageBytes }) => usageBytes ?? []);
  if (levels.length === 0) return null;
  const [least, most] = levels.reduce(([a, b], bytes) => [Math.min(a, bytes), Math.max(b, bytes)], [Infinity, 0]);
  return points.find(({ usageBytes }) => (usageBytes ?? 0) >= least + (most - least) * TOP_SHARE)?.tUs ?? null;
}
