/**
 * The oom_score_adj that kubelet gives to a container of a burstable pod, from its memory request and the node's memory
 * (pkg/kubelet/qos/policy.go): less than 1000 for whatever is requested, 3 at least. Guaranteed pods have −997 and best
 * effort ones 1000, whatever they request.
 */
export function burstableAdj(requestBytes: number, nodeBytes: number): number {
  const adj = 1000 - Math.floor((1000 * requestBytes) / nodeBytes);
  return Math.min(BURSTABLE_MAX, Math.max(BURSTABLE_MIN, adj));
}

/** The smallest request with which a burstable container gets this adj or a lower one; null = none does. */
export function requestForAdj(adj: number, nodeBytes: number): number | null {
  if (adj < BURSTABLE_MIN) return null;
  return adj >= BURSTABLE_MAX ? 0 : Math.ceil(((1000 - adj) * nodeBytes) / 1000);
}

export const BURSTABLE_MIN = 3;
const BURSTABLE_MAX = 999;
