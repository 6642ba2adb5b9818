import type { Approximation } from '../events/episode.js';
import type { OomscopeEvent } from '../events/event.js';
import { episodeOf } from './episode-of-report.js';
import { PartClock } from './part-clock.js';
import type { OomReport } from './report.js';
import { ReportTimes } from './report-times.js';
import { sessionOf } from './session-of-report.js';
import { victimsOf } from './victims-of-report.js';

/** What the dates of the log needed so far. */
export interface AssumedDates {
  readonly year: boolean;
  readonly zone: boolean;
}

export interface LogEventsOutput {
  /** Events of a part of the log (one host, one boot) in the order of time. The first of a part is its /session. */
  events(part: number, events: readonly OomscopeEvent[]): void;
  /** Nothing more comes of this part. */
  end(part: number): void;
}

/** Parts that are open at once. Logs of more hosts than this are collected in few places. */
const MAX_PARTS = 64;
/** Of reports that overlap: events that may still have to wait for an earlier one. */
const MAX_WAITING = 10_000;
/** A clock that goes back by more has nothing to do with what stood before: files were put together in another order. */
const BACK_US = 60_000_000;

interface Part {
  readonly number: number;
  readonly clock: PartClock;
  waiting: OomscopeEvent[];
  lastEpisodeUs: number;
  emittedUs: number;
  newestUs: number;
}

/**
 * Makes events of reports. A log can hold several hosts and boots: each is a part with a clock and a session of its own.
 * Reports come in the order in which they begin, and events go out in the order of time within their part.
 */
export class LogEvents {
  readonly #parts = new Map<string, Part>();
  #count = 0;

  constructor(
    private readonly output: LogEventsOutput,
    private readonly oomscopeVersion: string,
  ) {}

  take(report: OomReport, assumed: AssumedDates): void {
    const part = this.#partOf(report);
    const times = new ReportTimes(report, part.clock, Math.max(part.lastEpisodeUs + 1, part.emittedUs));
    part.lastEpisodeUs = times.episodeUs;
    part.newestUs = Math.max(part.newestUs, part.clock.tUs(report.begin) ?? 0);
    // As live: kills are told as they happen, the episode when it has ended.
    const { kills, reaped } = victimsOf(report, times);
    const episode = episodeOf(report, times, doubtsOf(report, times, assumed));
    for (const event of [...kills, episode, ...reaped]) part.waiting.push(event);
    this.#release(part, times.episodeUs);
  }

  end(): void {
    const inOrder = [...this.#parts].sort(([, a], [, b]) => a.number - b.number);
    for (const [key] of inOrder) this.#close(key);
  }

  #partOf(report: OomReport): Part {
    const key = JSON.stringify([report.host, report.boot]);
    const known = this.#parts.get(key);
    if (known !== undefined && fits(known, report)) {
      // The part that was used last is closed last.
      this.#parts.delete(key);
      this.#parts.set(key, known);
      return known;
    }
    if (known !== undefined) this.#close(key);
    const [oldest] = this.#parts.keys();
    if (oldest !== undefined && this.#parts.size >= MAX_PARTS) this.#close(oldest);
    const part = this.#begin(report);
    this.#parts.set(key, part);
    return part;
  }

  #begin(report: OomReport): Part {
    const clock = new PartClock(report.begin);
    const fromUs = Math.max(1, clock.tUs(report.begin) ?? 1);
    this.#count++;
    const session = sessionOf(report, clock, fromUs - 1, this.oomscopeVersion);
    this.output.events(this.#count, [session]);
    return {
      ...{ number: this.#count, clock, waiting: [], emittedUs: fromUs, newestUs: fromUs },
      lastEpisodeUs: fromUs - 1,
    };
  }

  /** Sends what no later report can stand before. */
  #release(part: Part, beforeUs: number): void {
    // Sorting is stable: what happened at the same moment keeps the order of the log.
    part.waiting.sort((a, b) => a.tUs - b.tUs);
    const excess = part.waiting.length - MAX_WAITING;
    const count = part.waiting.findIndex(({ tUs }, index) => tUs >= beforeUs && index >= excess);
    const ready = part.waiting.splice(0, count < 0 ? part.waiting.length : count);
    if (ready.length === 0) return;
    part.emittedUs = Math.max(part.emittedUs, ready.at(-1)?.tUs ?? 0);
    this.output.events(part.number, ready);
  }

  #close(key: string): void {
    const part = this.#parts.get(key);
    this.#parts.delete(key);
    if (part === undefined) return;
    this.#release(part, Number.POSITIVE_INFINITY);
    this.output.end(part.number);
  }
}

/** The report can be told in the clock of this part. */
function fits({ clock, newestUs }: Part, { begin }: OomReport): boolean {
  if (clock.kind === 'order') return begin.bootUs === null && begin.epochUs === null;
  const tUs = clock.tUs(begin);
  return tUs === null || tUs >= newestUs - BACK_US;
}

function doubtsOf({ begin }: OomReport, { isUnknown }: ReportTimes, assumed: AssumedDates): Approximation[] {
  if (isUnknown) return ['time-unknown'];
  if (begin.epochUs === null) return [];
  return [...(assumed.year ? ['year-assumed' as const] : []), ...(assumed.zone ? ['zone-assumed' as const] : [])];
}
