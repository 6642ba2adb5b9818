/**
 * kubelet writes names of pods into the names of its log files. None of namespace, pod and container may hold a "_".
 * pkg/kubelet/kuberuntime/helpers.go (BuildPodLogsDirectory) and legacy.go (logSymlink).
 */

export interface PodFolder {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
}

/** A name in /var/log/pods: `shop_web-1_3f1c9a52-7d1e-4a0b-9c55-0123456789ab`. Null = it is something else. */
export function parsePodFolder(name: string): PodFolder | null {
  const [namespace, pod, podUid, ...rest] = name.split('_');
  if (!namespace || !pod || !podUid || rest.length > 0 || !POD_UID.test(podUid)) return null;
  return { namespace, pod, podUid };
}

export interface ContainerLink {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly containerId: string;
}

/** A name in /var/log/containers: `web-1_shop_vector-5f0c….log`. Null = it is something else. */
export function parseContainerLink(name: string): ContainerLink | null {
  const match = /^([^_]+)_([^_]+)_([^_]+)-([0-9a-f]{64})\.log$/.exec(name);
  const [, pod, namespace, container, containerId] = match ?? [];
  if (!pod || !namespace || !container || !containerId) return null;
  return { namespace, pod, container, containerId };
}

/** Where such a link leads: `/var/log/pods/shop_web-1_3f1c…/vector/0.log`. Null = elsewhere. */
export function podOfLinkTarget(target: string): PodFolder | null {
  const folders = target.split('/').slice(0, -2);
  return parsePodFolder(folders.at(-1) ?? '');
}

/** A static pod has a hash for a uid. */
const POD_UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}$/;
