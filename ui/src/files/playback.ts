import type { PlayerState } from '../../../src/trace/play/player.js';

/** Something that can be played like a film, wherever it is: a file in this page, or a replay of the server. */
export interface Playback {
  /** As it is now: the position moves on between two changes. */
  readonly state: PlayerState;
  /** Told after each change, but not of the mere passing of time. Returns how to stop. */
  subscribe(listener: () => void): () => void;
  play(): void;
  pause(): void;
  /** µs since 1970. */
  seek(timeUs: number): void;
  setSpeed(speed: number): void;
  step(direction: 'next' | 'previous'): void;
}
