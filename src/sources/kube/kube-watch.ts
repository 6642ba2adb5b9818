import { messageOf } from '../../base/errors.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { KubeEvent } from '../../events/kube.js';
import type { Model } from '../../model/model.js';
import { type AskApi, type KubeState, readNodeState } from './node-state.js';

export interface KubeWatchTimes {
  readonly everyMs: number;
  /** After failures it waits longer each time, up to this. */
  readonly longestMs: number;
}

/**
 * Asking now and then, not a watch: nothing here is needed sooner, a kill is told without it, and a watch that breaks has to
 * ask all the same.
 */
const TIMES: KubeWatchTimes = { everyMs: 30_000, longestMs: 300_000 };

/** Asks the API server about this node and tells what changed. It stands among the sinks, and nothing ever waits for it. */
export class KubeWatch {
  #nowUs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | null = null;
  #failures = 0;
  #told = '';
  #state: KubeState;
  #closed = false;

  constructor(
    private readonly ask: AskApi,
    node: string,
    /** Never called from within `write`. */
    private readonly announce: (event: KubeEvent) => void,
    private readonly times: KubeWatchTimes = TIMES,
  ) {
    this.#state = { node, pods: [], conditions: [], notices: [] };
  }

  write(_events: readonly OomscopeEvent[], model: Model): void {
    const isFirst = this.#nowUs === null;
    this.#nowUs = model.nowUs;
    if (isFirst) this.#askIn(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // An answer that is still to come is not waited for: its request ends by itself, and tells nothing any more.
  }

  #askIn(delayMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#asking ??= this.#askNow().finally(() => {
        this.#asking = null;
        const { everyMs, longestMs } = this.times;
        this.#askIn(Math.min(longestMs, everyMs * 2 ** Math.min(this.#failures, 10)));
      });
    }, delayMs);
    this.#timer.unref();
  }

  async #askNow(): Promise<void> {
    try {
      this.#state = await readNodeState(this.ask, this.#state.node);
      this.#failures = 0;
      this.#tell(null);
    } catch (error) {
      this.#failures++;
      this.#tell(messageOf(error));
    }
  }

  #tell(obstacle: string | null): void {
    const words = JSON.stringify([obstacle, this.#state]);
    if (this.#closed || words === this.#told) return;
    this.#told = words;
    this.announce({ topic: '/kube', tUs: this.#nowUs ?? 0, ...this.#state, obstacle });
  }
}
