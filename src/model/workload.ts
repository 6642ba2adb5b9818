import { visible } from '../base/escape.js';
import type { IdentityEvent, PodLabels } from '../events/identity.js';
import type { ContainerRuntime, QosClass } from './cgroup-owner.js';
import { cgroupOwner } from './cgroup-owner.js';
import type { Pods } from './pods.js';

/** The pod or container that a cgroup belongs to, with the names that are known of it. */
export interface Workload {
  readonly podUid: string | null;
  readonly qos: QosClass | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly containerId: string | null;
  readonly runtime: ContainerRuntime | null;
  readonly container: string | null;
  readonly image: string | null;
  /** As the container runtime was told it; null = none, or not known. */
  readonly memoryLimitBytes: number | null;
  /** Of the pod; null = not known. */
  readonly labels: PodLabels | null;
  /** Why a name is missing; null = none is, or it belongs to no pod. */
  readonly unnamed: string | null;
}

/** Null = the cgroup is neither a pod's nor a container's, or its path is not known. */
export function workloadOf(path: string | null, pods: Pods): Workload | null {
  if (path === null) return null;
  const owner = cgroupOwner(path);
  if (owner.pod === null && owner.container === null) return null;
  const known = owner.pod === null ? undefined : pods.get(owner.pod.uid);
  const container = known?.containers.find(({ id }) => id === owner.container?.id);
  return {
    podUid: owner.pod?.uid ?? null,
    qos: owner.pod?.qos ?? null,
    namespace: known?.namespace ?? null,
    pod: known?.pod ?? null,
    containerId: owner.container?.id ?? null,
    runtime: owner.container?.runtime ?? null,
    container: container?.name ?? null,
    image: container?.image ?? null,
    memoryLimitBytes: container?.memoryLimitBytes ?? null,
    labels: known?.labels ?? null,
    unnamed: owner.pod === null ? null : whyUnnamed(known, owner.container?.id ?? null),
  };
}

function whyUnnamed(known: IdentityEvent | undefined, containerId: string | null): string | null {
  if (known === undefined || known.pod === null) {
    return known?.unnamed ?? 'no log folder or container runtime has told the name of this pod';
  }
  const container = known.containers.find(({ id }) => id === containerId);
  if (containerId === null || container?.name != null) return null;
  // What is said of the pod's other containers is not of this one.
  const reason = container === undefined ? null : known.unnamed;
  return reason ?? 'no log file or container runtime has told the name of this container';
}

/**
 * In words, safe to print: `container vector of pod shop/web-1`, `pod shop/web-1`. Where a name is not known the id stands
 * for it. Null = no workload.
 */
export function workloadName(workload: Workload | null): string | null {
  if (workload === null) return null;
  const { namespace, pod, podUid, container, containerId } = workload;
  const podName =
    namespace === null || pod === null
      ? podUid === null
        ? null
        : `pod ${podUid}`
      : `pod ${visible(namespace)}/${visible(pod)}`;
  if (containerId === null) return podName;
  const name = container === null ? containerId.slice(0, SHORT_ID) : visible(container);
  return podName === null ? `container ${name}` : `container ${name} of ${podName}`;
}

/** As much of an id as container tools show. */
const SHORT_ID = 12;
