import type { OomscopeError } from '../../base/errors.js';
import type { OomscopeEvent } from '../../events/event.js';
import { Player, type PlayerClock, type PlayerState } from '../../trace/play/player.js';
import type { Source } from '../source.js';
import type { OpenTimeline } from './open-timeline.js';

export interface ReplayOptions {
  /** 1 = as it was; Infinity = as fast as it can be read. */
  readonly speed: number;
  /** Where it begins, µs since 1970; null = at the start. */
  readonly fromUs: number | null;
  /** Told what cannot be read; the replay goes on. */
  readonly onProblem: (problem: OomscopeError) => void;
  readonly onState: (state: PlayerState) => void;
  /** A bug in the replay: nothing more comes. */
  readonly onFailure: (error: unknown) => void;
  /** Resolves when outputs take more. */
  readonly ready: () => Promise<void>;
}

const SYSTEM_CLOCK: PlayerClock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    // A timer waits a millisecond at least: too long between the batches of a replay without limit.
    if (delayMs <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Trace files as a source: from here on a replay is like live. */
export class ReplaySource implements Source {
  #player: Player | null = null;

  constructor(
    private readonly files: OpenTimeline,
    private readonly options: ReplayOptions,
  ) {}

  /** The controls; null before the start. */
  get player(): Player | null {
    return this.#player;
  }

  async start(
    emit: (events: readonly OomscopeEvent[]) => void,
    restart: (state: readonly OomscopeEvent[]) => void,
  ): Promise<void> {
    const { fromUs, speed, onProblem, onState, onFailure, ready } = this.options;
    const player = new Player(this.files.timeline, SYSTEM_CLOCK, { emit, restart, onProblem, onState, ready });
    player.done.catch(onFailure);
    this.#player = player;
    player.setSpeed(speed);
    if (fromUs !== null) await player.seek(fromUs);
    player.play();
  }

  async stop(): Promise<void> {
    // Its failure was told by `onFailure`.
    await this.#player?.close().catch(() => {});
    await this.files.close();
  }
}
