import type { EpisodeEvent } from '../events/episode.js';
import type { KillEvent } from '../events/kill.js';
import type { LossEvent } from '../events/loss.js';
import type { SessionEvent } from '../events/session.js';
import type { VictimEvent } from '../events/victim.js';
import type { Told } from './kube-told.js';
import type { MemoryState } from './memory-state.js';
import type { Pods } from './pods.js';

/** All that oomscope knows at one moment: a pure fold of the events so far. Live, replay and the page hold the same. */
export interface Model {
  readonly session: SessionEvent | null;
  /** Oldest first; the newest MAX_INCIDENTS are kept. */
  readonly incidents: readonly Incident[];
  /** Steps of kills by user space, oldest first; the newest MAX_KILL_STEPS are kept. */
  readonly kills: readonly KillEvent[];
  /** Whose pods and containers the cgroups are. */
  readonly pods: Pods;
  /** What the API server told around kills, and last; empty = it is not asked, or did not answer yet. */
  readonly told: Told;
  /** Total lost so far, by place. */
  readonly lost: Readonly<Partial<Record<LossEvent['where'], number>>>;
  /** Cgroups and the node as they are now. */
  readonly memory: MemoryState;
  /** The time of the newest event, µs since boot; null before the first. */
  readonly nowUs: number | null;
}

/** An episode with its aftermath. */
export interface Incident {
  /** Stable in live and replay: the episode's µs since boot, or `v` + the mark's time + tid where no episode was seen. */
  readonly id: string;
  readonly startUs: number;
  /** Null = tracepoint mode: a kill without its ballot. */
  readonly episode: EpisodeEvent | null;
  readonly victims: readonly IncidentVictim[];
}

/** One marked process and its steps, in order of time. */
export interface IncidentVictim {
  readonly tid: number;
  readonly steps: readonly VictimEvent[];
}
