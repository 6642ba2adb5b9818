import { isKill } from '../../../src/model/incidents.js';
import { targetKube } from '../../../src/model/kube-facts.js';
import type { Told } from '../../../src/model/kube-told.js';
import { NODE_ID } from '../../../src/model/series/fields.js';
import {
  findKillCause,
  isOrdinaryStop,
  type KubeletMemory,
  kubeletMemoryAt,
  type UserKill,
  type UserKillFinding,
} from '../../../src/model/user-kill.js';
import { isUserKill, type Seen, type SeenUserKill } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';

interface Judged {
  /** kubelet's at that moment: later the timelines are coarse, or gone. */
  readonly memory: KubeletMemory | null;
  readonly told: Told;
  readonly finding: UserKillFinding;
}

const judged = new WeakMap<UserKill, Judged>();
const NOTHING: Told = [];

/** What is behind a kill by user space. `told`: around the kills, by the API server; left out = as it was given last. */
export function findingOf(
  { userKill, session, pods }: SeenUserKill,
  { series, bootId }: SeriesFeed,
  told?: Told,
): UserKillFinding {
  const known = judged.get(userKill);
  const { startUs, targets } = userKill;
  const isOfThisBoot = bootId === session.bootId;
  // Before the signal: a moment later its memory may be back.
  const bytes = isOfThisBoot ? series.valueAt('node', NODE_ID, 'kubeletAvailableBytes', startUs - 1) : null;
  const memory = known?.memory ?? kubeletMemoryAt(bytes, session.eviction);
  const around = (isOfThisBoot ? told : undefined) ?? known?.told ?? NOTHING;
  if (known !== undefined && known.memory === memory && known.told === around) return known.finding;
  const said = targetKube(targets[0]?.process.cgroupPath ?? null, startUs, { told: around, pods, session });
  const finding = findKillCause(userKill, memory, said);
  judged.set(userKill, { memory, told: around, finding });
  return finding;
}

/** Somebody was killed, by the kernel or by user space; not what killed nobody, and not what ends every day. */
export function isListedKill(seen: Seen, feed: SeriesFeed, told?: Told): boolean {
  return isUserKill(seen) ? !isOrdinaryStop(seen.userKill, findingOf(seen, feed, told)) : isKill(seen.incident);
}
