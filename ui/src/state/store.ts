import { type Change, initialState, type PageState, reduce } from './page-state.js';
import { SeriesFeed } from './series-feed.js';

/** Samples come many times a second, and nobody reads faster than this. */
const TELL_EVERY_MS = 100;

/** Holds the state and tells who looks at it: a few times a second, however many events came in between. */
export class Store {
  #state = initialState;
  #scheduled = false;
  #toldMs = Number.NEGATIVE_INFINITY;
  readonly #listeners = new Set<() => void>();
  /** Changes in place, since it is large; of a film it is filled by who reads the film. */
  readonly feed = new SeriesFeed();

  get state(): PageState {
    return this.#state;
  }

  readonly apply = (change: Change): void => {
    if (change.kind === 'opened') this.feed.reconnected();
    if (change.kind === 'items' && this.#state.link.kind !== 'file') {
      // A jump of a replay: what led to the other moment comes behind it.
      const jump = change.items.findLastIndex((item) => item.kind === 'restart');
      if (jump >= 0) this.feed.jumped();
      this.feed.take(change.items.slice(jump + 1).flatMap((item) => (item.kind === 'event' ? [item.event] : [])));
    }
    const wasLoading = this.#state.link.kind === 'loading';
    this.#state = reduce(this.#state, change);
    // Half a past is not shown: the whole one comes the sooner, and is told at once.
    if (change.kind !== 'items' || !wasLoading || this.#state.link.kind !== 'loading') this.#schedule();
  };

  /** Tells of a change that is not in the state. */
  touch(): void {
    this.#schedule();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const tell = () => {
      this.#scheduled = false;
      this.#toldMs = performance.now();
      for (const listener of this.#listeners) listener();
    };
    const waitMs = this.#toldMs + TELL_EVERY_MS - performance.now();
    // A hidden page gets no frames, and its title should still tell of a kill.
    if (waitMs <= 0 && document.visibilityState === 'visible') requestAnimationFrame(tell);
    else setTimeout(tell, Math.max(0, waitMs));
  }
}
