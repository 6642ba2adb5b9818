import type { KubeEvent } from '../../events/kube.js';
import { parseNotices } from './notices.js';
import { parseConditions, parsePods } from './objects.js';

/** What the API server is asked for, and nothing else: deploy/overlays/kube-api gives the rights for these four. */
export type AskApi = (path: string) => Promise<unknown>;

/** All that a `/kube` event says, but when. */
export type KubeState = Omit<KubeEvent, 'topic' | 'tUs' | 'obstacle'>;

/** Asks for everything about one node. Rejects when any of it cannot be had: half a truth would look like a change. */
export async function readNodeState(ask: AskApi, node: string): Promise<KubeState> {
  const name = encodeURIComponent(node);
  const selector = (text: string) => `fieldSelector=${encodeURIComponent(text)}`;
  // resourceVersion=0: out of the API server's memory. All nodes of a cluster ask, and etcd must not feel it.
  // One after the other: what refuses first is always the same, so that a refusal is told once.
  const pods = await ask(`/api/v1/pods?${selector(`spec.nodeName=${node}`)}&resourceVersion=0`);
  const status = await ask(`/api/v1/nodes/${name}?resourceVersion=0`);
  // An event knows its pod and not the pod's node; who said it is in its source.
  const evictions = await ask(`/api/v1/events?${selector('reason=Evicted')}&limit=500`);
  const said = await ask(
    `/api/v1/events?${selector(`involvedObject.kind=Node,involvedObject.name=${node}`)}&limit=500`,
  );
  return {
    node,
    pods: parsePods(pods),
    conditions: parseConditions(status),
    notices: parseNotices([evictions, said], node),
  };
}
