import type { IdentityEvent } from '../events/identity.js';

/** What is known of the node's pods, by uid; the one that was told last stands last. */
export type Pods = ReadonlyMap<string, IdentityEvent>;

/** A node runs a few hundred at most; the others are those that kills may still speak of. */
export const MAX_PODS = 2_000;

export const NO_PODS: Pods = new Map();

/** The pods with one more told. */
export function withPod(pods: Pods, event: IdentityEvent): Pods {
  const next = new Map(pods);
  putPod(next, event);
  return next;
}

/** Tells one more. Those that have left the node make room first, the longest known of them. */
export function putPod(pods: Map<string, IdentityEvent>, event: IdentityEvent): void {
  pods.delete(event.podUid);
  pods.set(event.podUid, event);
  if (pods.size <= MAX_PODS) return;
  const [oldest] = pods.keys();
  const leaving = [...pods].find(([, pod]) => pod.gone)?.[0] ?? oldest;
  if (leaving !== undefined) pods.delete(leaving);
}
