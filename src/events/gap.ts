/** Samples are missing: ticks that were due did not come, or came late. */
export interface GapEvent {
  readonly topic: '/gap';
  /** The tick that came at last. */
  readonly tUs: number;
  /** The tick before it. */
  readonly fromUs: number;
  /** How far apart they should have been. */
  readonly intervalUs: number;
  readonly ticksMissed: number;
}
