import type { PlayerState } from '../../../src/trace/play/player.js';
import type { ReplayCommand, ReplayState } from '../../../src/wire/replay.js';
import type { Playback } from '../files/playback.js';

/** A slider moves sixty times a second; so many seeks are of no use to anybody. */
const SEEK_INTERVAL_MS = 100;

const UNKNOWN: ReplayState = {
  startUs: 0,
  endUs: 0,
  positionUs: 0,
  playing: false,
  speed: 1,
  ended: false,
  noKill: null,
};

/**
 * The replay of the server as a film. What is asked for is shown at once; what the server tells then is the truth. All
 * pages of one server look at the same film.
 */
export class ServerPlayback implements Playback {
  readonly #send: (command: ReplayCommand) => void;
  readonly #listeners = new Set<() => void>();
  #told: ReplayState | null = null;
  #toldMs = 0;
  #seekUs: number | null = null;
  #seekTimer: number | undefined;

  constructor(send: (command: ReplayCommand) => void) {
    this.#send = send;
  }

  /** The server has said that it plays something. */
  get isKnown(): boolean {
    return this.#told !== null;
  }

  get state(): PlayerState {
    const state = this.#told ?? UNKNOWN;
    if (!state.playing || state.speed === Number.POSITIVE_INFINITY) return state;
    const sinceUs = (performance.now() - this.#toldMs) * 1000;
    return { ...state, positionUs: Math.min(state.endUs, state.positionUs + sinceUs * state.speed) };
  }

  /** The server says how it stands. */
  told(state: ReplayState): void {
    // The hand on the slider is further than the server has heard.
    const positionUs = this.#seekUs ?? state.positionUs;
    this.#take({ ...state, positionUs });
  }

  /** Another connection: it may be to another server. */
  forget(): void {
    this.#told = null;
    this.#seekUs = null;
    this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(): void {
    this.#ask({ kind: 'play' }, { playing: true });
  }

  pause(): void {
    this.#ask({ kind: 'pause' }, { playing: false });
  }

  setSpeed(speed: number): void {
    this.#ask({ kind: 'speed', speed }, { speed });
  }

  step(direction: 'next' | 'previous'): void {
    this.#ask({ kind: 'kill', direction }, { playing: false });
  }

  /** The first at once, then one a moment, the last one surely. */
  seek(timeUs: number): void {
    this.#seekUs = timeUs;
    this.#take({ ...this.state, positionUs: timeUs, noKill: null });
    if (this.#seekTimer === undefined) this.#sendSeek();
  }

  #sendSeek(): void {
    this.#seekTimer = undefined;
    if (this.#seekUs === null) return;
    this.#send({ kind: 'seek', timeUs: Math.max(0, this.#seekUs) });
    this.#seekUs = null;
    this.#seekTimer = setTimeout(() => this.#sendSeek(), SEEK_INTERVAL_MS);
  }

  #ask(command: ReplayCommand, asked: Partial<ReplayState>): void {
    this.#take({ ...this.state, ...asked, noKill: null });
    this.#send(command);
  }

  #take(state: ReplayState): void {
    this.#told = state;
    this.#toldMs = performance.now();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
