import type { OomscopeEvent } from '../../../src/events/event.js';
import { SeriesStore } from '../../../src/model/series/series.js';

/** A time of which nothing is known. µs since boot. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly why: 'late-tick' | 'no-connection';
}

const MAX_GAPS = 500;
/** The calm rhythm is a second: what is missing for longer was not merely late. */
const SILENCE_US = 2_500_000;
/** A tick of 10 ms that comes after 50 leaves lines that are finer than those of calm: nothing to hatch. */
const COARSE_US = 1_000_000;

/**
 * How memory came to where it is, over several connections to a server, or all of a film. A server tells a page that
 * comes again what it has already: that is not taken twice. What nobody told in between is a gap.
 */
export class SeriesFeed {
  readonly series = new SeriesStore();
  #bootId: string | null = null;
  #gaps: Gap[] = [];
  #isNewConnection = false;
  #version = 0;
  #isComplete = false;

  /** Which boot's times these are; null = not known. */
  get bootId(): string | null {
    return this.#bootId;
  }

  /** Nothing more will come: it is a film, and all of it was read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  complete(): void {
    this.#isComplete = true;
    this.#version++;
  }

  /** Oldest first. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** What comes from now on comes over another connection. */
  reconnected(): void {
    this.#isNewConnection = true;
  }

  /** All that was taken is void. */
  jumped(): void {
    this.series.clear();
    this.#gaps = [];
    this.#isNewConnection = false;
    this.#version++;
  }

  take(events: readonly OomscopeEvent[]): void {
    for (const event of events) this.#takeOne(event);
    this.#version++;
  }

  #takeOne(event: OomscopeEvent): void {
    if (event.topic === '/session') this.#boot(event.bootId);
    if (event.topic === '/gap' && event.tUs - event.fromUs > COARSE_US)
      this.#addGap({ fromUs: event.fromUs, toUs: event.tUs, why: 'late-tick' });
    if (!isSeries(event)) return;
    const knownUs = this.series.nowUs;
    if (this.#isNewConnection && knownUs !== null && event.tUs <= knownUs) return;
    if (this.#isNewConnection) {
      this.#isNewConnection = false;
      if (knownUs !== null && event.tUs - knownUs > SILENCE_US)
        this.#addGap({ fromUs: knownUs, toUs: event.tUs, why: 'no-connection' });
    }
    this.series.apply(event);
  }

  #boot(bootId: string | null): void {
    if (bootId === null) return;
    if (this.#bootId !== null && this.#bootId !== bootId) {
      // Its times are counted from another zero.
      this.series.clear();
      this.#gaps = [];
    }
    this.#bootId = bootId;
  }

  #addGap(gap: Gap): void {
    if (this.#gaps.some(({ fromUs, toUs }) => fromUs <= gap.fromUs && toUs >= gap.toUs)) return;
    this.#gaps = [...this.#gaps, gap].slice(-MAX_GAPS);
  }
}

const SERIES_TOPICS: readonly OomscopeEvent['topic'][] = [
  '/memory/sample',
  '/memory/stat',
  '/pressure',
  '/reclaim',
  '/throttle',
  '/node',
  '/process',
];

function isSeries(event: OomscopeEvent): boolean {
  return SERIES_TOPICS.includes(event.topic);
}
