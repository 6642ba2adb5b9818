import { visible } from '../base/escape.js';
import { formatBytes, formatDuration } from '../base/units.js';
import type { EvictionDistance } from './eviction.js';
import type { Ledger } from './ledger.js';

/** Who holds less of a node than this is not whom to ask first. */
const OUTSIDE_MIN_SHARE = 0.1;

/** Slower than this is no rate to speak of. */
const RATE_MIN_BYTES_PER_SECOND = 2 ** 18;

/** The largest user outside of pods, and what one does about it: a sentence, safe to print. Null = nobody holds much there. */
export function outsideInWords({ outsidePods, capacityBytes, unlimited }: Ledger): string | null {
  const [largest] = outsidePods;
  if (largest === undefined || largest.usageBytes < capacityBytes * OUTSIDE_MIN_SHARE) return null;
  const who = `${formatBytes(largest.usageBytes)} of this node is used outside of pods by ${visible(largest.path)}`;
  const hasLimit = !unlimited.some(({ path }) => path === largest.path);
  const limit = hasLimit ? 'lower its limit' : 'limit it';
  return `${who}: ${limit}, or set --system-reserved and --kube-reserved.`;
}

/** How far memory.available is above one of kubelet's lines, and how long that lasts: a sentence. */
export function evictionInWords(
  kind: 'hard' | 'soft',
  { aboveBytes, inSeconds }: EvictionDistance,
  fallBytesPerSecond: number | null,
): string {
  const where = `memory.available is ${formatBytes(Math.abs(aboveBytes))} ${aboveBytes < 0 ? 'BELOW' : 'above'} the ${kind} eviction line`;
  const rate =
    fallBytesPerSecond === null || Math.abs(fallBytesPerSecond) < RATE_MIN_BYTES_PER_SECOND
      ? ''
      : ` and ${fallBytesPerSecond > 0 ? 'falls' : 'grows'} ${formatBytes(Math.round(Math.abs(fallBytesPerSecond)))}/s`;
  return `${where}${rate}${inSeconds === null ? '.' : `: eviction in ~${formatDuration(inSeconds * 1e6)}.`}`;
}
