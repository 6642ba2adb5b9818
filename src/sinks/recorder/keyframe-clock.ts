const KEYFRAME_EVERY_MS = 5_000;

/** Reading a small event costs as much as reading so many bytes of a state, however few it has. */
const EVENT_COST_BYTES = 100;

/**
 * When the state is written again: every five seconds, and not before reading the events since costs as much as reading the
 * state: a large state does not make a file of nothing but itself, and a seek never reads more than twice the state.
 */
export class KeyframeClock {
  #lastMs = Number.NEGATIVE_INFINITY;
  #stateBytes = 0;
  #costSince = 0;

  added(bytes: number): void {
    this.#costSince += bytes + EVENT_COST_BYTES;
  }

  written(nowMs: number, bytes: number): void {
    this.#lastMs = nowMs;
    this.#stateBytes = bytes;
    this.#costSince = 0;
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#lastMs >= KEYFRAME_EVERY_MS && this.#costSince >= this.#stateBytes;
  }
}
