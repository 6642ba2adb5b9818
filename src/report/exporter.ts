import type { OomscopeEvent } from '../events/event.js';

/** A piece of a file: text, or bytes. */
export type Piece = string | Uint8Array;

/** Turns events into another format, piece by piece: no I/O. The pieces one after the other are the file. */
export interface Exporter {
  begin(): Piece;
  /** A state as a replay tells it: names for what comes, and no news. */
  know?(state: readonly OomscopeEvent[]): void;
  /** Events in the order in which they happened. */
  write(events: readonly OomscopeEvent[]): Piece;
  end(): Piece;
}
