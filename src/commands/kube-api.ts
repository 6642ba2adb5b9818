import { hostname } from 'node:os';
import { EXIT, OomscopeError } from '../base/errors.js';
import { getJson, inClusterApi } from '../sources/kube/api-server.js';
import type { AskApi } from '../sources/kube/node-state.js';

export const KUBE_API_HELP = "ask the cluster's API server about this node: requests, owners, evictions, conditions";

/** The API server of the cluster that this container runs in, and the node that it is asked about. */
export interface KubeApiHere {
  readonly ask: AskApi;
  readonly node: string;
}

/** Throws E_NO_KUBE_API where this is no container of a cluster. */
export function kubeApiHere(environment: NodeJS.ProcessEnv = process.env): KubeApiHere {
  const api = inClusterApi(environment);
  if (api === null) {
    throw new OomscopeError(
      'E_NO_KUBE_API',
      '--kube-api works in a container of a cluster, and this is none: KUBERNETES_SERVICE_HOST is not set.',
      'Leave --kube-api out, or install with deploy/overlays/kube-api.',
      EXIT.usage,
    );
  }
  // The manifest sets it. Without, kubelet's own default for the node's name.
  const node = environment['NODE_NAME'] || hostname().toLowerCase();
  return { ask: (path) => getJson(api, path), node };
}
