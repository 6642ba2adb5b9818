import { isKill } from '../../../src/model/incidents.js';
import { NODE_ID } from '../../../src/model/series/fields.js';
import {
  findKillCause,
  isOrdinaryStop,
  kubeletMemoryAt,
  type UserKill,
  type UserKillFinding,
} from '../../../src/model/user-kill.js';
import { isUserKill, type Seen, type SeenUserKill } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';

/** Judged with kubelet's memory at that moment: later the timelines are coarse, or gone. */
const judged = new WeakMap<UserKill, UserKillFinding>();

/** What is behind a kill by user space. */
export function findingOf({ userKill, session }: SeenUserKill, feed: SeriesFeed): UserKillFinding {
  const known = judged.get(userKill);
  if (known !== undefined) return known;
  const { series, bootId } = feed;
  // Before the signal: a moment later its memory may be back.
  const beforeUs = userKill.startUs - 1;
  const bytes = bootId === session.bootId ? series.valueAt('node', NODE_ID, 'kubeletAvailableBytes', beforeUs) : null;
  const memory = kubeletMemoryAt(bytes, session.eviction);
  const finding = findKillCause(userKill, memory);
  if (memory !== null) judged.set(userKill, finding);
  return finding;
}

/** Somebody was killed, by the kernel or by user space; not what killed nobody, and not what ends every day. */
export function isListedKill(seen: Seen, feed: SeriesFeed): boolean {
  return isUserKill(seen) ? !isOrdinaryStop(seen.userKill, findingOf(seen, feed)) : isKill(seen.incident);
}
