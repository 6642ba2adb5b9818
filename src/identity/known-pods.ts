import type { ContainerIdentity, IdentityEvent } from '../events/identity.js';
import type { FoundPod } from './identity-place.js';

/** What is told of a pod, apart from when. */
type PodNews = Omit<IdentityEvent, 'topic' | 'tUs'>;

/** Containers that were started again and again: the newest are kept. */
export const MAX_CONTAINERS = 32;

/** What was found so far, so that only what changed is told. A container that has ended stays known with its pod. */
export class KnownPods {
  readonly #pods = new Map<string, PodNews>();

  /** `found`: all pods that are there now, of all places. Returns what is new, changed or gone. */
  update(found: Iterable<FoundPod>): PodNews[] {
    const present = new Map<string, FoundPod>();
    for (const pod of found) present.set(pod.podUid, merged(present.get(pod.podUid), pod));
    const news = [...present.values()].flatMap((pod) => this.#tell(pod));
    for (const [podUid, pod] of this.#pods) {
      if (present.has(podUid)) continue;
      this.#pods.delete(podUid);
      // Of a pod that was never found nobody knows when it left.
      if (pod.pod !== null) news.push({ ...pod, gone: true });
    }
    return news;
  }

  has(podUid: string): boolean {
    return this.#pods.get(podUid)?.pod != null;
  }

  /** With its name; null = it has none yet. */
  container(podUid: string, id: string): ContainerIdentity | null {
    return this.#pods.get(podUid)?.containers.find((one) => one.id === id && one.name !== null) ?? null;
  }

  /** Nobody has told this name, and `unnamed` says who was asked. `id` null = the pod's own. Returns what is to be told. */
  giveUp(podUid: string, id: string | null, unnamed: string): PodNews {
    const nobody: PodNews = { podUid, namespace: null, pod: null, containers: [], labels: null, gone: false, unnamed };
    const before = this.#pods.get(podUid) ?? nobody;
    const nameless = id === null ? [] : [{ id, name: null, image: null, memoryLimitBytes: null }];
    const now = { ...before, containers: withContainers(before.containers, nameless), unnamed };
    this.#pods.set(podUid, now);
    return now;
  }

  #tell({ podUid, namespace, pod, containers, labels }: FoundPod): PodNews[] {
    const before = this.#pods.get(podUid);
    const all = withContainers(before?.containers ?? [], containers);
    const now: PodNews = {
      ...{ podUid, namespace, pod, containers: all, gone: false },
      labels: labels ?? before?.labels ?? null,
      unnamed: all.some(({ name }) => name === null) ? (before?.unnamed ?? null) : null,
    };
    this.#pods.set(podUid, now);
    return JSON.stringify(before) === JSON.stringify(now) ? [] : [now];
  }
}

function merged(first: FoundPod | undefined, second: FoundPod): FoundPod {
  if (first === undefined) return second;
  const labels = second.labels ?? first.labels;
  return { ...second, containers: withContainers(first.containers, second.containers), labels };
}

/** A place that knows less of a container takes nothing away. */
function withContainers(
  before: readonly ContainerIdentity[],
  now: readonly ContainerIdentity[],
): readonly ContainerIdentity[] {
  const all = new Map(before.map((container) => [container.id, container]));
  for (const container of now) {
    const known = all.get(container.id);
    all.set(container.id, {
      ...container,
      name: container.name ?? known?.name ?? null,
      image: container.image ?? known?.image ?? null,
      memoryLimitBytes: container.memoryLimitBytes ?? known?.memoryLimitBytes ?? null,
    });
  }
  return [...all.values()].slice(-MAX_CONTAINERS);
}
