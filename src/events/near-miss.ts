/** Nobody was killed, but it was close. Derived from the other events, once, where they are recorded. */
export interface NearMissEvent {
  readonly topic: '/near-miss';
  readonly tUs: number;
  /** Null = the node. */
  readonly cgroupId: number | null;
  readonly what: NearMissKind;
  /** The time in which it happened, up to tUs. */
  readonly spanUs: number;
  /** Episodes, max events, or sleeps in that time. */
  readonly count: number;
  /** 'throttled': how long tasks slept, added up; else null. */
  readonly throttledUs: number | null;
}

export type NearMissKind =
  /** out_of_memory() ran and killed nobody. */
  | 'episode-without-kill'
  /** The limit was hit again and again, and reclaim made room each time. */
  | 'max-events'
  /** Tasks were kept asleep by memory.high. */
  | 'throttled';
