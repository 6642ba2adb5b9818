import type { OomscopeEvent } from '../events/event.js';

/** Where events come from: a kernel, a trace file, an old log. Live and replay differ in this alone. */
export interface Source {
  /**
   * Starts the flow. Resolves when everything that will be attached is attached; the first event is a /session.
   * `emit` gets events in order, never an empty list, never after `stop` has resolved.
   * `restart`: forget all that was emitted; these events are what is known now, and what follows goes on from there. A
   * replay needs it where its files have a gap, and for every seek; a kernel never does.
   * Throws OomscopeError when the source cannot start; then nothing is left behind.
   */
  start(
    emit: (events: readonly OomscopeEvent[]) => void,
    restart: (state: readonly OomscopeEvent[]) => void,
  ): Promise<void>;
  /** Drains what is there, emits it, releases everything. */
  stop(): Promise<void>;
}
