import type { IdentityEvent } from '../events/identity.js';

/** What is known of the node's pods, by uid; the one that was told last stands last. */
export type Pods = ReadonlyMap<string, IdentityEvent>;

/** A node runs a few hundred at most; the others are those that kills may still speak of. */
export const MAX_PODS = 2_000;

export const NO_PODS: Pods = new Map();

/** The pods with one more told. Those that have left the node make room first, the longest known of them. */
export function withPod(pods: Pods, event: IdentityEvent): Pods {
  const next = new Map(pods);
  next.delete(event.podUid);
  next.set(event.podUid, event);
  if (next.size <= MAX_PODS) return next;
  const [oldest] = next.keys();
  const leaving = [...next].find(([, pod]) => pod.gone)?.[0] ?? oldest;
  if (leaving !== undefined) next.delete(leaving);
  return next;
}
