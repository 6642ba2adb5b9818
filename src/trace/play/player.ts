import type { OomscopeEvent } from '../../events/event.js';
import type { KillDirection } from '../../wire/enums.js';
import { nextKillUs, previousKillUs } from './kills.js';
import { type Batch, type OnProblem, Playhead } from './playhead.js';
import { Seeker } from './seek.js';
import type { Timeline } from './timeline.js';

/** Time, as the player's host has it; tests bring their own. */
export interface PlayerClock {
  /** A steady clock. */
  nowMs(): number;
  /** Calls back once after at least this long, and lets other work go first even at 0. Returns how to cancel it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface PlayerOutput {
  /** Events in order, never an empty list. */
  emit(events: readonly OomscopeEvent[]): void;
  /** Forget everything: these events, which may be none, are the state now; what is emitted next goes on from there. */
  restart(state: readonly OomscopeEvent[]): void;
  /** Where a reader can fall behind: resolves when it takes more. */
  ready?(): Promise<void>;
  onProblem: OnProblem;
  /** Told after every change; the state is that of `player.state`. */
  onState?(state: PlayerState): void;
}

export interface PlayerState {
  /** Times are µs since 1970. */
  readonly startUs: number;
  readonly endUs: number;
  readonly positionUs: number;
  readonly playing: boolean;
  readonly speed: number;
  /** Everything was told. */
  readonly ended: boolean;
  /** The last thing asked was a kill in this direction, and there is none; else null. */
  readonly noKill: KillDirection | null;
}

/** How often the position moves on while nothing happens. */
const LONGEST_NAP_MS = 100;
/** So many events at a time, so that commands and timers get their turn. */
const EVENTS_AT_A_TIME = 2_000;

/** Plays a timeline like a film: at a speed, with pause and seek. All work is done by one loop, so nothing overlaps. */
export class Player {
  readonly #seeker: Seeker;
  #playhead: Playhead;
  /** The moment that the clock time `#sinceMs` stands for. */
  #fromUs: number;
  #sinceMs: number;
  #playing = false;
  #speed = 1;
  #ended = false;
  #noKill: KillDirection | null = null;
  #closed = false;
  #wanted: Wanted | null = null;
  #wake: () => void = () => {};
  readonly #loop: Promise<void>;

  constructor(
    private readonly timeline: Timeline,
    private readonly clock: PlayerClock,
    private readonly output: PlayerOutput,
  ) {
    this.#seeker = new Seeker(timeline, output.onProblem);
    this.#playhead = new Playhead(timeline, output.onProblem);
    this.#fromUs = timeline.startUs;
    this.#sinceMs = clock.nowMs();
    this.#loop = this.#run();
  }

  get state(): PlayerState {
    return {
      startUs: this.timeline.startUs,
      endUs: this.timeline.endUs,
      positionUs: Math.min(this.#positionUs(), this.timeline.endUs),
      playing: this.#playing,
      speed: this.#speed,
      ended: this.#ended,
      noKill: this.#noKill,
    };
  }

  /** Plays on; from the start when it stands at the end. */
  play(): void {
    if (this.#playing) return;
    if (this.#ended || this.#positionUs() >= this.timeline.endUs) void this.seek(this.timeline.startUs);
    this.#noKill = null;
    this.#anchor(this.#positionUs());
    this.#playing = true;
    this.#changed();
  }

  pause(): void {
    this.#anchor(this.#positionUs());
    this.#playing = false;
    this.#changed();
  }

  /** 1 = as it was; Infinity = as fast as it can be read. */
  setSpeed(speed: number): void {
    this.#anchor(this.#positionUs());
    this.#speed = speed;
    this.#changed();
  }

  /** Goes to a moment, the events at it included. A later call overtakes one that still runs. Resolves when it is done. */
  seek(timeUs: number): Promise<void> {
    return this.#want(() => Promise.resolve(timeUs)).then(() => undefined);
  }

  /** Goes to the next kill after the position, or the last before it. False = there is none, and nothing moved. */
  async seekKill(direction: KillDirection): Promise<boolean> {
    return this.#want(() => {
      const { positionUs } = this.state;
      return direction === 'next' ? nextKillUs(this.timeline, positionUs) : previousKillUs(this.timeline, positionUs);
    }, direction);
  }

  /** Resolves when the player was closed; rejects should its work fail. */
  get done(): Promise<void> {
    return this.#loop;
  }

  /** Ends all work. Resolves when nothing more is emitted. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#loop;
  }

  #want(target: () => Promise<number | null>, kill: KillDirection | null = null): Promise<boolean> {
    this.#wanted?.done(false);
    this.#noKill = null;
    return new Promise((resolve) => {
      this.#wanted = { target, kill, done: resolve };
      this.#wake();
    });
  }

  async #run(): Promise<void> {
    // A turn for whoever made this player to say what it should do first.
    await this.#sleep(0);
    while (!this.#closed) {
      const wanted = this.#wanted;
      if (wanted !== null) await this.#seekTo(wanted);
      else if (this.#playing) await this.#playSome();
      else await this.#sleep(null);
    }
    this.#wanted?.done(false);
  }

  async #seekTo(wanted: Wanted): Promise<void> {
    const timeUs = await wanted.target();
    if (timeUs === null) {
      if (this.#wanted === wanted) this.#noKill = wanted.kill;
      this.#finish(wanted, false);
      return;
    }
    const { events, playhead } = await this.#seeker.seek(timeUs);
    // The slider was moved on meanwhile: what was found is of no use any more.
    if (this.#wanted !== wanted || this.#closed) return;
    this.#playhead = playhead;
    this.#anchor(Math.max(this.timeline.startUs, Math.min(timeUs, this.timeline.endUs)));
    this.#ended = false;
    this.#emit({ restart: true, events });
    this.#finish(wanted, true);
  }

  #finish(wanted: Wanted, moved: boolean): void {
    if (this.#wanted === wanted) this.#wanted = null;
    wanted.done(moved);
    this.#changed();
  }

  async #playSome(): Promise<void> {
    const dueUs = this.#speed === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : this.#positionUs();
    const { batches, nextUs } = await this.#playhead.takeUntil(dueUs, EVENTS_AT_A_TIME);
    for (const batch of batches) this.#emit(batch);
    // More was due than could be told: the position waits for the events, never runs away from them.
    if (nextUs !== null && nextUs <= dueUs) this.#anchor(nextUs);
    if (this.output.ready !== undefined) await this.output.ready();
    if (this.#wanted !== null || this.#closed || !this.#playing) return;
    if (nextUs === null) {
      this.#anchor(this.timeline.endUs);
      this.#playing = false;
      this.#ended = true;
      this.#changed();
      return;
    }
    const waitMs = (nextUs - this.#positionUs()) / 1000 / this.#speed;
    await this.#sleep(Math.max(0, Math.min(waitMs, LONGEST_NAP_MS)));
  }

  #emit({ restart, events }: Batch): void {
    if (restart) this.output.restart(events);
    else if (events.length > 0) this.output.emit(events);
  }

  #positionUs(): number {
    if (!this.#playing || this.#speed === Number.POSITIVE_INFINITY) return this.#fromUs;
    return this.#fromUs + (this.clock.nowMs() - this.#sinceMs) * 1000 * this.#speed;
  }

  #anchor(positionUs: number): void {
    this.#fromUs = positionUs;
    this.#sinceMs = this.clock.nowMs();
  }

  #changed(): void {
    this.#wake();
    this.output.onState?.(this.state);
  }

  /** Until the time is over or something changes; null = until something changes. */
  #sleep(delayMs: number | null): Promise<void> {
    return new Promise((resolve) => {
      let cancel = () => {};
      this.#wake = () => {
        cancel();
        this.#wake = () => {};
        resolve();
      };
      if (delayMs !== null) cancel = this.clock.after(delayMs, () => this.#wake());
    });
  }
}

interface Wanted {
  /** Null = there is no such moment. */
  readonly target: () => Promise<number | null>;
  /** It is a kill that is wanted; null = a moment. */
  readonly kill: KillDirection | null;
  readonly done: (moved: boolean) => void;
}
