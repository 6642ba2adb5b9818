import type { ContainerIdentity, IdentityEvent } from '../events/identity.js';

/** A pod as one place tells it. */
export interface FoundPod {
  readonly podUid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly containers: readonly ContainerIdentity[];
}

/** What is told of a pod, apart from when. */
type PodNews = Omit<IdentityEvent, 'topic' | 'tUs'>;

/** Containers that were started again and again: the newest are kept. */
export const MAX_CONTAINERS = 32;

/** What was found so far, so that only what changed is told. A container that has ended stays known with its pod. */
export class KnownPods {
  readonly #pods = new Map<string, PodNews>();

  /** `found`: all pods that are there now. Returns what is new, changed or gone. */
  update(found: Iterable<FoundPod>): PodNews[] {
    const present = new Map<string, FoundPod>();
    for (const pod of found) present.set(pod.podUid, merged(present.get(pod.podUid), pod));
    const news = [...present.values()].flatMap((pod) => this.#tell(pod));
    for (const [podUid, pod] of this.#pods) {
      if (present.has(podUid)) continue;
      this.#pods.delete(podUid);
      news.push({ ...pod, gone: true });
    }
    return news;
  }

  /** `containerId` null = the pod itself. */
  has(podUid: string, containerId: string | null): boolean {
    const containers = this.#pods.get(podUid)?.containers;
    return containers !== undefined && (containerId === null || containers.some(({ id }) => id === containerId));
  }

  #tell({ podUid, namespace, pod, containers }: FoundPod): PodNews[] {
    const before = this.#pods.get(podUid);
    const all = withContainers(before?.containers ?? [], containers);
    const now: PodNews = { podUid, namespace, pod, containers: all, gone: false };
    this.#pods.set(podUid, now);
    return before !== undefined && isSame(before, now) ? [] : [now];
  }
}

function merged(first: FoundPod | undefined, second: FoundPod): FoundPod {
  if (first === undefined) return second;
  return { ...second, containers: withContainers(first.containers, second.containers) };
}

function withContainers(
  before: readonly ContainerIdentity[],
  now: readonly ContainerIdentity[],
): readonly ContainerIdentity[] {
  const all = new Map(before.map((container) => [container.id, container]));
  for (const { id, name, image } of now) all.set(id, { id, name, image: image ?? all.get(id)?.image ?? null });
  return [...all.values()].slice(-MAX_CONTAINERS);
}

function isSame(a: PodNews, b: PodNews): boolean {
  return (
    a.namespace === b.namespace &&
    a.pod === b.pod &&
    a.containers.length === b.containers.length &&
    a.containers.every(({ id, name, image }, index) => {
      const other = b.containers[index];
      return other?.id === id && other.name === name && other.image === image;
    })
  );
}
