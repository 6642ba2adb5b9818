import type { Candidate, EpisodeEvent } from '../../events/episode.js';
import type { SessionEvent } from '../../events/session.js';
import type { Ballot } from '../ballot.js';
import type { Cause } from '../cause.js';
import type { Counterfactuals } from '../counterfactual.js';
import type { Culprit } from '../culprit.js';
import type { KillEffect } from '../effect.js';
import type { MemoryTrack } from '../growth.js';

/** All that advice on a kill may rest on. */
export interface Facts {
  readonly episode: EpisodeEvent;
  readonly session: SessionEvent | null;
  readonly cause: Cause;
  readonly ballot: Ballot;
  readonly counterfactuals: Counterfactuals;
  readonly culprit: Culprit;
  readonly effect: KillEffect;
  /** When the same victim was killed, this time included. */
  readonly repeats: readonly number[];
  /** How many processes were marked to die. */
  readonly marked: number;
  readonly tracks: readonly MemoryTrack[];
  /** Who holds more than all other candidates together; null = nobody does. */
  readonly largest: Candidate | null;
}

export interface Advice {
  readonly rule: string;
  /** What to do, one sentence without its full stop, safe to print. */
  readonly says: string;
  /** What that brings, or why it is so: a clause; null = it says itself. */
  readonly because: string | null;
  /** What it rests on, as clauses; never empty. */
  readonly evidence: readonly string[];
  /** The manifest or the command to change; null = there is none to show. */
  readonly change: string | null;
}

/** Null = it does not apply: its evidence is not there. */
export type Rule = (facts: Facts) => Omit<Advice, 'rule'> | null;
