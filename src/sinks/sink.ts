import type { OomscopeEvent } from '../events/event.js';
import type { Model } from '../model/model.js';

/** Where events go. */
export interface Sink {
  /** Takes one batch with the model as it is after it. Must not block or throw. */
  write(events: readonly OomscopeEvent[], model: Model): void;
  /**
   * Forget all that was written: `state` is what is known now, and no news. A sink that lives with a jump in time, or
   * never sits behind a replay, has none.
   */
  restart?(state: readonly OomscopeEvent[], model: Model): void;
  /** Flushes and releases. */
  close(): Promise<void>;
}
