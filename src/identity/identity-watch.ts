import { type FSWatcher, watch } from 'node:fs';
import type { OomscopeEvent } from '../events/event.js';
import type { IdentityEvent } from '../events/identity.js';
import { cgroupOwner } from '../model/cgroup-owner.js';
import type { Model } from '../model/model.js';
import { type FoundPod, KnownPods } from './known-pods.js';

/** Where names come from. */
export interface IdentityPlace {
  /** Folders whose changes are a reason to look again. */
  readonly folders: readonly string[];
  find(): Promise<readonly FoundPod[]>;
}

/** Also without a sign of change: a folder may appear later, and signs may be lost. */
const LOOK_EVERY_MS = 30_000;
/** Changes come in groups. */
const GATHER_MS = 50;
/** Where a name is missing: kubelet makes its links a moment after the container has begun. */
const LOOK_AGAIN_MS = [0, 200, 1_000, 5_000] as const;

/** Learns the names of pods before they are needed, and tells them as events. It stands among the sinks, to see the kills. */
export class IdentityWatch {
  readonly #known = new KnownPods();
  readonly #watchers = new Map<string, FSWatcher>();
  /** By delay: one look of each is enough. */
  readonly #planned = new Map<number, NodeJS.Timeout>();
  #every: NodeJS.Timeout | undefined;
  #nowUs: number | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #closed = false;

  constructor(
    private readonly place: IdentityPlace,
    /** Never called from within `write`. */
    private readonly announce: (event: IdentityEvent) => void,
  ) {}

  write(events: readonly OomscopeEvent[], model: Model): void {
    const isFirst = this.#nowUs === null;
    this.#nowUs = model.nowUs;
    if (isFirst) this.#begin();
    else if (events.some((event) => this.#isNameless(event))) this.#lookIn(LOOK_AGAIN_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#every);
    for (const timer of this.#planned.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    await this.#looking;
  }

  #begin(): void {
    this.#lookIn([0]);
    this.#every = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#every.unref();
  }

  /** A pod or container of this event has no name yet. */
  #isNameless(event: OomscopeEvent): boolean {
    return pathsOf(event).some((path) => {
      const { pod, container } = cgroupOwner(path);
      return pod !== null && !this.#known.has(pod.uid, container?.id ?? null);
    });
  }

  #lookIn(delaysMs: readonly number[]): void {
    for (const delayMs of delaysMs) {
      if (this.#planned.has(delayMs)) continue;
      const timer = setTimeout(() => {
        this.#planned.delete(delayMs);
        this.#look();
      }, delayMs);
      timer.unref();
      this.#planned.set(delayMs, timer);
    }
  }

  /** One look at a time; what is asked for meanwhile is one more. */
  #look(): void {
    if (this.#closed) return;
    this.#lookAgain = this.#looking !== null;
    if (this.#looking !== null) return;
    this.#looking = this.#lookNow().finally(() => {
      this.#looking = null;
      if (this.#lookAgain) this.#look();
    });
  }

  async #lookNow(): Promise<void> {
    // Before the look: what changes after it is told by the watch.
    for (const folder of this.place.folders) this.#watch(folder);
    const found = await this.place.find();
    if (this.#closed) return;
    for (const news of this.#known.update(found)) {
      this.announce({ topic: '/identity', tUs: this.#nowUs ?? 0, ...news });
    }
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#lookIn([GATHER_MS]));
      // The folder was removed: the next look tries again.
      watcher.on('error', () => this.#unwatch(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // It is not there, or the host has no watches left: looking every now and then does.
    }
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
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
