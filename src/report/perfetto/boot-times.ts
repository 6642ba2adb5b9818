import type { SessionEvent } from '../../events/session.js';

/**
 * One clock for all boots of a trace: that of the first. A later boot's times are moved to where it was in the time of day,
 * and never before what was told already, should the clock have been set back.
 */
export class BootTimes {
  #first: SessionEvent | null = null;
  /** Null = a log that does not tell; undefined = there was no session yet. */
  #bootId: string | null | undefined = undefined;
  #shiftUs = 0;
  #latestUs = 0;
  #boots = 0;

  /** Which boot it is now, from 1. */
  get boot(): number {
    return this.#boots;
  }

  /** True = this session is the first of another boot than before. */
  begins(session: SessionEvent): boolean {
    if (session.bootId === this.#bootId) return false;
    this.#first ??= session;
    this.#bootId = session.bootId;
    this.#boots++;
    this.#shiftUs = Math.max(bootEpochUs(session) - bootEpochUs(this.#first), this.#latestUs - session.tUs);
    if (this.#boots === 1) this.#shiftUs = 0;
    return true;
  }

  at(tUs: number): number {
    const atUs = Math.max(0, tUs + this.#shiftUs);
    this.#latestUs = Math.max(this.#latestUs, atUs);
    return atUs;
  }
}

function bootEpochUs({ anchorEpochUs, anchorBootUs }: SessionEvent): number {
  // A log without dates begins at 0.
  return (anchorEpochUs ?? 0) - anchorBootUs;
}
