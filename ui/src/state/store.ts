import { type Change, initialState, type PageState, reduce } from './page-state.js';

/** Holds the state and tells who looks at it, once a frame of the screen, however many events came in between. */
export class Store {
  #state = initialState;
  #scheduled = false;
  readonly #listeners = new Set<() => void>();

  get state(): PageState {
    return this.#state;
  }

  readonly apply = (change: Change): void => {
    this.#state = reduce(this.#state, change);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const tell = () => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    };
    // A hidden page gets no frames, and its title should still tell of a kill.
    if (document.visibilityState === 'visible') requestAnimationFrame(tell);
    else setTimeout(tell, 0);
  };

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
