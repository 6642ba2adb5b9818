const KEYFRAME_EVERY_MS = 5_000;

/**
 * When the state is written again: every five seconds, and not before as many bytes of events as the state itself has:
 * a large state does not make a file of nothing but itself, and a seek never reads more than twice the state.
 */
export class KeyframeClock {
  #lastMs = Number.NEGATIVE_INFINITY;
  #stateBytes = 0;
  #bytesSince = 0;

  added(bytes: number): void {
    this.#bytesSince += bytes;
  }

  written(nowMs: number, bytes: number): void {
    this.#lastMs = nowMs;
    this.#stateBytes = bytes;
    this.#bytesSince = 0;
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#lastMs >= KEYFRAME_EVERY_MS && this.#bytesSince >= this.#stateBytes;
  }
}
