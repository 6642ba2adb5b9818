import type { PartClock } from './part-clock.js';
import type { LogTime, OomReport } from './report.js';

/** The moments of one report, in the clock of its part of the log. */
export class ReportTimes {
  /** When it began; also its name, so no other report of the part has the same. */
  readonly episodeUs: number;
  /** When it was over, the reaper's work left out. */
  readonly endUs: number;
  /** The log does not say when it was. */
  readonly isUnknown: boolean;
  readonly #clock: PartClock;

  /** `fromUs`: not before. */
  constructor(report: OomReport, clock: PartClock, fromUs: number) {
    this.#clock = clock;
    const begunUs = clock.tUs(report.begin);
    this.isUnknown = begunUs === null;
    this.episodeUs = Math.max(fromUs, begunUs ?? 0);
    const last = report.killed.at(-1)?.time ?? report.choice?.time;
    this.endUs = last === undefined ? this.episodeUs : this.at(last);
  }

  /** A moment of the report: where the log does not say when, its beginning. */
  at(time: LogTime): number {
    return Math.max(this.episodeUs, this.#clock.tUs(time) ?? this.episodeUs);
  }
}
