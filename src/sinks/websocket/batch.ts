import type { OomscopeEvent, Topic } from '../../events/event.js';

/** What a client that reads too slowly may miss: counted, and told to it. Nothing that says who died. */
const MAY_BE_DROPPED = {
  '/session': false,
  '/oom/episode': false,
  '/oom/victim': false,
  '/identity': false,
  '/loss': true,
  '/cgroup': false,
  '/memory/sample': true,
  '/memory/stat': true,
  '/node': true,
  '/pressure': true,
  '/reclaim': true,
  '/throttle': true,
  '/near-miss': false,
  '/gap': true,
  '/kill': false,
  '/process': true,
  '/kube': false,
} as const satisfies Record<Topic, boolean>;

/** Does not wait for the tick: somebody is looking at the screen for this. */
const IS_URGENT = {
  '/session': false,
  '/oom/episode': true,
  '/oom/victim': true,
  '/identity': false,
  '/loss': false,
  '/cgroup': false,
  '/memory/sample': false,
  '/memory/stat': false,
  '/node': false,
  '/pressure': false,
  '/reclaim': false,
  '/throttle': false,
  '/near-miss': false,
  '/gap': false,
  '/kill': true,
  '/process': false,
  '/kube': false,
} as const satisfies Record<Topic, boolean>;

export function isUrgent(event: OomscopeEvent): boolean {
  return IS_URGENT[event.topic];
}

/** The events of one tick, put together once for all clients. */
export class Batch {
  readonly #parts: { readonly frame: Uint8Array; readonly droppable: boolean }[] = [];
  #all: Buffer | null = null;
  #kept: Buffer | null = null;
  #droppableCount = 0;

  add(event: OomscopeEvent, frame: Uint8Array): void {
    const droppable = MAY_BE_DROPPED[event.topic];
    this.#parts.push({ frame, droppable });
    if (droppable) this.#droppableCount++;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** How many events a client that gets only `kept` misses. */
  get droppableCount(): number {
    return this.#droppableCount;
  }

  /** Everything, as one frame. Call it, and `kept`, when the last event was added. */
  get all(): Buffer {
    this.#all ??= Buffer.concat(this.#parts.map((part) => part.frame));
    return this.#all;
  }

  /** What no client may miss, as one frame; may be empty. */
  get kept(): Buffer {
    this.#kept ??= Buffer.concat(this.#parts.filter((part) => !part.droppable).map((part) => part.frame));
    return this.#kept;
  }
}
