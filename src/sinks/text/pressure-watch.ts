import type { EpisodeEvent } from '../../events/episode.js';
import { AFTER_KILL_US, pressureAfterKill } from '../../model/around-kill.js';
import type { MemoryState } from '../../model/memory-state.js';
import { pressureInWords } from '../../model/pressure-after.js';
import type { SeriesStore } from '../../model/series/series.js';

/** A pressure ends when it was gone for a second: to look at each of a hundred ticks would find nothing more. */
const LOOK_EVERY_US = 1_000_000;

/** Kills of which the end of the pressure is still to be told: of several in one place the newest. */
export class PressureWatch {
  #open = new Map<string, EpisodeEvent>();
  #lookedUs = 0;

  constructor(private readonly series: SeriesStore) {}

  /** A log has no timeline: of it nothing would ever be known. */
  add(episode: EpisodeEvent): void {
    if (episode.attachMode === 'log') return;
    const { limitCgroup } = episode;
    this.#open.set(String(limitCgroup?.id ?? limitCgroup?.path ?? 'node'), episode);
  }

  clear(): void {
    this.#open.clear();
  }

  /** What is known now, as sentences. `isLast`: nothing more will come. */
  take(memory: MemoryState, nowUs: number, isLast = false): string[] {
    if (this.#open.size === 0 || (!isLast && nowUs - this.#lookedUs < LOOK_EVERY_US)) return [];
    this.#lookedUs = nowUs;
    return [...this.#open].flatMap(([place, episode]) => {
      const after = pressureAfterKill(this.series, memory, episode);
      const isKnown = after.kind === 'ended' || isLast || nowUs >= episode.episodeUs + AFTER_KILL_US;
      if (!isKnown) return [];
      this.#open.delete(place);
      return pressureInWords(after, episode) ?? [];
    });
  }
}
