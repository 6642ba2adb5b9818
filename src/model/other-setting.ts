import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { inKubepods, limitAt, type Places } from './advice/places.js';
import { sameProcess } from './ballot.js';
import { isInside } from './cgroup-tree.js';
import { type Counterfactuals, withOwnLimit } from './counterfactual.js';
import type { Culprit } from './culprit.js';
import type { MemoryPoint } from './growth.js';
import { BURSTABLE_MIN, requestForAdj } from './kubelet-adj.js';

/** What would have happened with another limit on the culprit's cgroup. */
export interface OtherLimit {
  readonly path: string;
  /** Each lower limit would have been hit before the one that was: it held as much that cannot be reclaimed. */
  readonly belowBytes: number;
  /** What it has. Null = not known. */
  readonly recordedBytes: number | 'max' | null;
  /** Who would have died; null = nobody in it could have been killed. */
  readonly victim: Candidate | null;
  /** Only one could have died. */
  readonly certain: boolean;
}

/** What would have happened with another memory request of the victim's container. */
export interface OtherRequest {
  readonly process: Candidate;
  /** This or more. */
  readonly bytes: number;
  /** With it kubelet gives this adj or a lower one. */
  readonly adj: number;
  /** Who would have died; null = nobody could have been killed. */
  readonly victim: Candidate | null;
}

/** Null = it would have made no difference to who dies, or it cannot be said. */
export function otherLimit(known: Counterfactuals, culprit: Culprit, places: Places): OtherLimit | null {
  if (known.kind === 'unknown' || culprit.kind !== 'cgroup') return null;
  const { path, to } = culprit.growth;
  const dead = places.episode.choice?.process ?? null;
  const heldBytes = chargedForGood(to);
  if (dead === null || heldBytes === null || heldBytes <= 0 || isInside(dead.cgroupPath, path)) return null;
  const { victim, certain } = withOwnLimit(known.contest, path, heldBytes - 1, heldBytes);
  return { path, belowBytes: heldBytes, recordedBytes: limitAt(places, path), victim, certain };
}

/** Swap is not counted against memory.max. */
function chargedForGood({ anonBytes, shmemBytes, kernelBytes, usageBytes }: MemoryPoint): number | null {
  if (anonBytes === null) return usageBytes;
  return anonBytes + (shmemBytes ?? 0) + (kernelBytes ?? 0);
}

/** Null = no request makes a difference, or it is no burstable container of a known node. */
export function otherRequest(
  known: Counterfactuals,
  { choice }: EpisodeEvent,
  nodeBytes: number | null,
): OtherRequest | null {
  const dead = choice?.process ?? null;
  if (known.kind === 'unknown' || dead === null || nodeBytes === null) return null;
  if (!inKubepods(dead.cgroupPath) || (dead.adj ?? -1) < BURSTABLE_MIN) return null;
  const change = known.adjChanges.find(({ candidate }) => sameProcess(candidate, dead));
  const exact = change === undefined ? null : requestForAdj(change.adj, nodeBytes);
  if (change === undefined || exact === null) return null;
  return { process: change.candidate, bytes: exact, adj: change.adj, victim: change.victim };
}
