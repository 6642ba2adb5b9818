import type { OomscopeEvent } from '../events/event.js';
import type { KubeEvent } from '../events/kube.js';

/** What the API server told, oldest first; the last is the newest. Of one boot. */
export type Told = readonly KubeEvent[];

/** More kills than these, each under words of its own, are no longer told with them. */
const MAX_TOLD = 200;

/**
 * With one more. Of those before, what kills happened under stays, and what was told first after them: a pod may be gone from
 * the next. `hasKill`: whether there was one from the first to just before the second time.
 */
export function withTold(
  told: Told,
  event: KubeEvent,
  hasKill: (fromUs: number, toUs: number) => boolean,
  max = MAX_TOLD,
): Told {
  const newest = told.at(-1);
  if (newest === undefined) return [event];
  const kept = told.slice(0, -1);
  const belongs = hasKill(kept.at(-1)?.tUs ?? Number.NEGATIVE_INFINITY, event.tUs);
  return [...kept, ...(belongs ? [newest] : []), event].slice(-max);
}

/** Keeps it while events go by, beside the model, which has the newest alone. */
export class ToldHistory {
  #told: Told = [];
  #bootId: string | null = null;
  #lastKillUs: number | null = null;

  /** `max`: how many are kept; each is as large as the node has pods. */
  constructor(private readonly max = MAX_TOLD) {}

  get told(): Told {
    return this.#told;
  }

  apply(event: OomscopeEvent): void {
    switch (event.topic) {
      case '/session':
        // Times are counted from the boot.
        if (event.bootId !== this.#bootId) this.clear();
        this.#bootId = event.bootId;
        break;
      case '/oom/episode':
      case '/oom/victim':
        this.#noteKill(event.episodeUs ?? event.tUs);
        break;
      case '/kill':
        this.#noteKill(event.killUs);
        break;
      case '/kube': {
        // A state tells again what was told before.
        if (event.tUs <= (this.#told.at(-1)?.tUs ?? Number.NEGATIVE_INFINITY)) return;
        const killUs = this.#lastKillUs;
        const hasKill = (fromUs: number, toUs: number) => killUs !== null && killUs >= fromUs && killUs < toUs;
        this.#told = withTold(this.#told, event, hasKill, this.max);
        break;
      }
      default:
      // The rest is no kill, and not of the API server.
    }
  }

  /** Another past. */
  clear(): void {
    this.#told = [];
    this.#lastKillUs = null;
  }

  #noteKill(killUs: number): void {
    this.#lastKillUs = Math.max(this.#lastKillUs ?? killUs, killUs);
  }
}
