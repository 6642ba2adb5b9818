import type { EpisodeEvent } from '../events/episode.js';
import type { OomscopeEvent } from '../events/event.js';
import type { MemoryStatEvent } from '../events/memory-stat.js';
import type { NearMissEvent, NearMissKind } from '../events/near-miss.js';
import type { ThrottleEvent } from '../events/throttle.js';

/** What happens within this time is one near miss. */
export const NEAR_MISS_SPAN_US = 10_000_000;
/** Fewer hits of a limit are life at a limit, which a cache that fills up has all the time. */
export const MIN_MAX_EVENTS = 10;
/** Less sleep than a tenth of one task's time is what memory.high is for. */
export const MIN_THROTTLED_US = 1_000_000;

/** What a cgroup, or the node, has gathered since `fromUs`. */
interface Window {
  readonly fromUs: number;
  episodes: number;
  maxEvents: number;
  sleeps: number;
  sleepUs: number;
  /** Somebody was killed for it: that is no near miss. */
  hasKilled: boolean;
}

/** The node, among the ids of cgroups, which are never 0. */
const NODE = 0;

/**
 * Derives near misses from the other events: a fold without a clock, so a window ends with the first event after it.
 * Used once, where events are recorded: a replay has them already.
 */
export class NearMisses {
  readonly #windows = new Map<number, Window>();
  #nextEndUs = Number.POSITIVE_INFINITY;

  /** The near misses that are over by the time of this event. */
  take(event: OomscopeEvent): NearMissEvent[] {
    const over = event.tUs >= this.#nextEndUs ? this.#end(event.tUs) : [];
    switch (event.topic) {
      case '/oom/episode':
        this.#episode(event);
        break;
      case '/memory/stat':
        this.#stat(event);
        break;
      case '/throttle':
        this.#throttle(event);
        break;
    }
    return over;
  }

  #episode(episode: EpisodeEvent): void {
    const window = this.#window(episode.limitCgroup?.id ?? NODE, episode.episodeUs);
    if (episode.choice !== null || episode.outcome === 'killed') window.hasKilled = true;
    // While a victim is dying others ask again: that is the same kill. What has no end is not known to have spared anybody.
    else if (episode.outcome !== 'victim-dying' && episode.outcome !== 'unfinished') window.episodes++;
    else if (episode.outcome === 'victim-dying') window.hasKilled = true;
  }

  /** Of the cgroup's own limit; where only the sums of subtrees are known, those. */
  #stat({ tUs, events, eventsLocal }: MemoryStatEvent): void {
    for (const { id, max, oomKill } of eventsLocal ?? events ?? []) {
      if (max === null || max === 0) continue;
      const window = this.#window(id, tUs);
      window.maxEvents += max;
      if (oomKill !== null && oomKill > 0) window.hasKilled = true;
    }
  }

  #throttle({ tUs, cgroups }: ThrottleEvent): void {
    for (const { id, spanUs, sleeps, sleepUs } of cgroups) {
      const window = this.#window(id, tUs - spanUs);
      window.sleeps += sleeps;
      window.sleepUs += sleepUs;
    }
  }

  #window(id: number, fromUs: number): Window {
    const known = this.#windows.get(id);
    if (known !== undefined) return known;
    const window = { fromUs, episodes: 0, maxEvents: 0, sleeps: 0, sleepUs: 0, hasKilled: false };
    this.#windows.set(id, window);
    this.#nextEndUs = Math.min(this.#nextEndUs, fromUs + NEAR_MISS_SPAN_US);
    return window;
  }

  #end(tUs: number): NearMissEvent[] {
    const events: NearMissEvent[] = [];
    this.#nextEndUs = Number.POSITIVE_INFINITY;
    for (const [id, window] of this.#windows) {
      const endUs = window.fromUs + NEAR_MISS_SPAN_US;
      if (endUs > tUs) {
        this.#nextEndUs = Math.min(this.#nextEndUs, endUs);
        continue;
      }
      this.#windows.delete(id);
      if (!window.hasKilled) events.push(...nearMisses(id, window, tUs));
    }
    return events;
  }
}

function nearMisses(id: number, window: Window, tUs: number): NearMissEvent[] {
  const miss = (what: NearMissKind, count: number, throttledUs: number | null): NearMissEvent => ({
    topic: '/near-miss',
    tUs,
    cgroupId: id === NODE ? null : id,
    what,
    spanUs: tUs - window.fromUs,
    count,
    throttledUs,
  });
  return [
    ...(window.episodes > 0 ? [miss('episode-without-kill', window.episodes, null)] : []),
    ...(window.maxEvents >= MIN_MAX_EVENTS ? [miss('max-events', window.maxEvents, null)] : []),
    ...(window.sleepUs >= MIN_THROTTLED_US ? [miss('throttled', window.sleeps, window.sleepUs)] : []),
  ];
}
