import type { OomscopeEvent } from '../events/event.js';
import type { IdentityEvent } from '../events/identity.js';
import { cgroupOwner } from '../model/cgroup-owner.js';
import type { Model } from '../model/model.js';
import type { IdentityPlace } from './identity-place.js';
import { KnownPods } from './known-pods.js';
import { PlaceWatch } from './place-watch.js';

/** Where a name is missing: kubelet makes its links a moment after the container has begun. */
const LOOK_AGAIN_MS = [0, 200, 1_000, 5_000] as const;
/** After the last of these looks, also one at a runtime that is slow. */
const GIVE_UP_MS = 9_000;

/** Learns the names of pods before they are needed, and tells them as events. It stands among the sinks, to see the kills. */
export class IdentityWatch {
  readonly #known = new KnownPods();
  readonly #watches: readonly PlaceWatch[];
  /** Of those whom a kill concerns and who have no name: by pod and container. */
  readonly #wanted = new Map<string, NodeJS.Timeout>();
  #nowUs: number | null = null;

  constructor(
    /** Of one container the later ones know more. */
    places: readonly IdentityPlace[],
    /** Never called from within `write`. */
    private readonly announce: (event: IdentityEvent) => void,
  ) {
    this.#watches = places.map((place) => new PlaceWatch(place, () => this.#update()));
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    const isFirst = this.#nowUs === null;
    this.#nowUs = model.nowUs;
    if (isFirst) for (const watch of this.#watches) watch.begin();
    else for (const event of events) this.#take(event);
  }

  async close(): Promise<void> {
    for (const timer of this.#wanted.values()) clearTimeout(timer);
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  #take(event: OomscopeEvent): void {
    for (const path of pathsOf(event)) {
      const { pod, container } = cgroupOwner(path);
      if (pod === null) continue;
      const id = container?.id ?? null;
      for (const watch of this.#watches) {
        if (!this.#isTold(watch.place, pod.uid, id)) watch.lookIn(LOOK_AGAIN_MS);
      }
      // Of a cgroup that merely came nobody asks who it is.
      if (event.topic !== '/cgroup' && !this.#isNamed(pod.uid, id)) this.#want(pod.uid, id);
    }
  }

  #isTold(place: IdentityPlace, podUid: string, id: string | null): boolean {
    if (id === null) return this.#known.has(podUid);
    const container = this.#known.container(podUid, id);
    return container !== null && place.isTold(container);
  }

  #isNamed(podUid: string, id: string | null): boolean {
    return id === null ? this.#known.has(podUid) : this.#known.container(podUid, id) !== null;
  }

  #want(podUid: string, id: string | null): void {
    const key = `${podUid}/${id ?? ''}`;
    if (this.#wanted.has(key)) return;
    const timer = setTimeout(() => {
      this.#wanted.delete(key);
      if (this.#isNamed(podUid, id)) return;
      const why = this.#watches.map(({ place }) => place.whyNot()).join('; ');
      this.#tell(this.#known.giveUp(podUid, id, why));
    }, GIVE_UP_MS);
    timer.unref();
    this.#wanted.set(key, timer);
  }

  #update(): void {
    const found = this.#watches.flatMap((watch) => watch.found);
    for (const news of this.#known.update(found)) this.#tell(news);
  }

  #tell(news: Omit<IdentityEvent, 'topic' | 'tUs'>): void {
    this.announce({ topic: '/identity', tUs: this.#nowUs ?? 0, ...news });
  }
}

/** The cgroups that a person will want names for. Candidates are many, and most of them had their names long before. */
function pathsOf(event: OomscopeEvent): readonly string[] {
  switch (event.topic) {
    case '/oom/episode': {
      const { choice, trigger, limitCgroup, victimCgroup } = event;
      const paths = [choice?.process.cgroupPath, trigger?.cgroupPath, limitCgroup?.path, victimCgroup?.path];
      return paths.filter((path) => path !== null && path !== undefined);
    }
    case '/oom/victim':
      return event.process?.cgroupPath ? [event.process.cgroupPath] : [];
    case '/cgroup':
      return event.change === 'vanished' || event.path === null ? [] : [event.path];
    default:
      return [];
  }
}
