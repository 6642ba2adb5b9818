import type { SessionClock } from '../events/session.js';
import type { LogTime } from './report.js';

/** Of what has no time since boot. Before it stands the /session: the first kill is news to who plays from the start. */
const FIRST_US = 1;

/** What the times of one part of a log are counted by: since boot where the log tells it, else since its first date. */
export class PartClock {
  readonly kind: SessionClock;
  /** One moment in both clocks; `epochUs` is null where the part has no dates. */
  readonly anchor: { readonly tUs: number; readonly epochUs: number | null };

  constructor(first: LogTime) {
    const { bootUs, epochUs } = first;
    this.kind = bootUs !== null ? 'boot' : epochUs !== null ? 'date' : 'order';
    this.anchor = { tUs: bootUs ?? FIRST_US, epochUs };
  }

  /** Null = the log does not say when, in this clock. */
  tUs({ bootUs, epochUs }: LogTime): number | null {
    if (this.kind === 'order') return null;
    if (this.kind === 'boot' && bootUs !== null) return bootUs;
    if (epochUs === null || this.anchor.epochUs === null) return null;
    return epochUs - this.anchor.epochUs + this.anchor.tUs;
  }
}
