import type { OomscopeEvent } from '../../../src/events/event.js';
import { Player, type PlayerState } from '../../../src/trace/play/player.js';
import { Timeline } from '../../../src/trace/play/timeline.js';
import { openTrace } from '../../../src/trace/trace-file.js';
import { unpackInWorker } from '../../../src/trace/zstd-worker.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { blobBytes } from './blob-bytes.js';
import { browserClock, browserUnpackHost } from './browser-host.js';
import { readFilmSeries } from './film-series.js';
import type { Playback } from './playback.js';

export interface TraceOutput {
  /** Forget everything: these events are the state now. */
  restart(state: readonly OomscopeEvent[]): void;
  emit(events: readonly OomscopeEvent[]): void;
  /** Gets the timelines of the whole film, little by little; `more` is told when. */
  readonly feed: SeriesFeed;
  more(): void;
  /** What could not be read, in one line; the rest goes on. */
  problem(line: string): void;
}

/** Trace files of one node as a film. Nothing leaves the page. Throws OomscopeError where a file cannot be opened. */
export class TracePlayback implements Playback {
  readonly #player: Player;
  readonly #closeWorker: () => void;
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  private constructor(timeline: Timeline, closeWorker: () => void, output: TraceOutput) {
    this.#closeWorker = closeWorker;
    this.#player = new Player(timeline, browserClock, {
      emit: (events) => output.emit(events),
      restart: (state) => output.restart(state),
      onProblem: (problem) => output.problem(problem.message),
      onState: () => {
        for (const listener of this.#listeners) listener();
      },
    });
    this.#player.done.catch((error: unknown) => output.problem(`The replay has failed: ${String(error)}`));
  }

  /** Opens the files and goes to their end: all that happened is there. */
  static async open(
    files: readonly File[],
    output: TraceOutput,
    onProgress: (doneBytes: number, totalBytes: number) => void,
  ): Promise<TracePlayback> {
    const { unpack, close } = unpackInWorker(browserUnpackHost);
    try {
      const traces = [];
      for (const file of files) traces.push(await openTrace(blobBytes(file), { unpack, onProgress }));
      for (const problem of traces.flatMap(({ problems }) => problems)) output.problem(problem.message);
      const timeline = Timeline.of(traces);
      const playback = new TracePlayback(timeline, close, output);
      await playback.#player.seek(timeline.endUs);
      void readFilmSeries(timeline, output.feed, { isClosed: () => playback.#isClosed, onMore: output.more });
      return playback;
    } catch (error) {
      close();
      throw error;
    }
  }

  get state(): PlayerState {
    return this.#player.state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(): void {
    this.#player.play();
  }

  pause(): void {
    this.#player.pause();
  }

  seek(timeUs: number): void {
    void this.#player.seek(timeUs);
  }

  setSpeed(speed: number): void {
    this.#player.setSpeed(speed);
  }

  step(direction: 'next' | 'previous'): void {
    // To look at it.
    this.#player.pause();
    void this.#player.seekKill(direction);
  }

  /** Resolves when nothing more is told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#player.close().catch(() => {});
    this.#closeWorker();
  }
}
