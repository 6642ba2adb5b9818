import type { OomscopeError } from '../../base/errors.js';
import type { OomscopeEvent } from '../../events/event.js';
import { Player, type PlayerClock, type PlayerState } from '../../trace/play/player.js';
import type { ReplayCommand, ReplayState } from '../../wire/replay.js';
import type { Source } from '../source.js';
import type { OpenTimeline } from './open-timeline.js';

export interface ReplayOptions {
  /** 1 = as it was; Infinity = as fast as it can be read. */
  readonly speed: number;
  /** Where it begins, µs since 1970; null = at the start. */
  readonly fromUs: number | null;
  /** Told what cannot be read; the replay goes on. */
  readonly onProblem: (problem: OomscopeError) => void;
  /** Told after every change of `state`. */
  readonly onState: () => void;
  /** Everything was told; it may be played again. */
  readonly onEnd: () => void;
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
  #ended = false;

  constructor(
    private readonly files: OpenTimeline,
    private readonly options: ReplayOptions,
  ) {}

  async start(
    emit: (events: readonly OomscopeEvent[]) => void,
    restart: (state: readonly OomscopeEvent[]) => void,
  ): Promise<void> {
    const { fromUs, speed, onProblem, onFailure, ready } = this.options;
    const player = new Player(this.files.timeline, SYSTEM_CLOCK, {
      emit,
      restart,
      onProblem,
      ready,
      onState: (state) => this.#onState(state),
    });
    player.done.catch(onFailure);
    this.#player = player;
    player.setSpeed(speed);
    if (fromUs !== null) await player.seek(fromUs);
    player.play();
  }

  /** How it stands; null before the start. */
  get state(): ReplayState | null {
    return this.#player?.state ?? null;
  }

  /** What somebody who watches asks. */
  obey(command: ReplayCommand): void {
    const player = this.#player;
    if (player === null) return;
    switch (command.kind) {
      case 'play':
        player.play();
        break;
      case 'pause':
        player.pause();
        break;
      case 'seek':
        // Before the beginning there would not even be a session.
        void player.seek(Math.max(this.files.timeline.startUs, Math.min(command.timeUs, this.files.timeline.endUs)));
        break;
      case 'speed':
        player.setSpeed(command.speed);
        break;
      case 'kill':
        player.pause();
        void player.seekKill(command.direction);
        break;
    }
  }

  #onState({ ended }: PlayerState): void {
    const hasEnded = ended && !this.#ended;
    this.#ended = ended;
    this.options.onState();
    if (hasEnded) this.options.onEnd();
  }

  async stop(): Promise<void> {
    // Its failure was told by `onFailure`.
    await this.#player?.close().catch(() => {});
    await this.files.close();
  }
}
