import { type FSWatcher, watch } from 'node:fs';
import type { FoundPod, IdentityPlace } from './identity-place.js';

/** Also without a sign of change: a folder may appear later, and signs may be lost. */
const LOOK_EVERY_MS = 30_000;
/** Changes come in groups. */
const GATHER_MS = 50;
/** Looks take a tenth of a place's time at most, so that a storm of containers is none for who is asked about them. */
const REST_PER_LOOK = 10;
const REST_MAX_MS = 2_000;

/** Looks at one place: every now and then, when its folders change, and when somebody has no name. */
export class PlaceWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  /** By delay: one look of each is enough. */
  readonly #planned = new Map<number, NodeJS.Timeout>();
  #every: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #closed = false;
  /** What it told last. */
  found: readonly FoundPod[] = [];

  constructor(
    readonly place: IdentityPlace,
    /** `found` is new. */
    private readonly onFound: () => void,
  ) {}

  begin(): void {
    this.lookIn([0]);
    this.#every = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#every.unref();
  }

  lookIn(delaysMs: readonly number[]): void {
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

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#every);
    for (const timer of this.#planned.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.place.close();
    await this.#looking;
  }

  /** One look at a time; what is asked for meanwhile is one more. */
  #look(): void {
    if (this.#closed) return;
    this.#lookAgain = this.#looking !== null;
    if (this.#looking !== null) return;
    const beganMs = performance.now();
    this.#looking = this.#lookNow().finally(() => {
      this.#looking = null;
      if (this.#lookAgain) this.lookIn([Math.min(REST_MAX_MS, (performance.now() - beganMs) * REST_PER_LOOK)]);
    });
  }

  async #lookNow(): Promise<void> {
    // Before the look: what changes after it is told by the watch.
    for (const folder of this.place.folders) this.#watch(folder);
    await this.place.look((pods) => {
      if (this.#closed) return;
      this.found = pods;
      this.onFound();
    });
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.lookIn([GATHER_MS]));
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
