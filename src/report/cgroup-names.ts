import type { OomscopeEvent } from '../events/event.js';

/** Paths of cgroups for events that carry only their ids. A cgroup that is gone keeps its name: ids are not given twice. */
export class CgroupNames {
  readonly #paths = new Map<number, string>();
  #bootId: string | null = null;

  /** Takes any event. */
  learn(event: OomscopeEvent): void {
    if (event.topic === '/session') {
      // Another boot counts anew.
      if (event.bootId !== this.#bootId) this.#paths.clear();
      this.#bootId = event.bootId;
    }
    if (event.topic === '/cgroup' && event.path !== null) this.#paths.set(event.id, event.path);
  }

  /** Null = not known. */
  pathOf(id: number): string | null {
    return this.#paths.get(id) ?? null;
  }
}
