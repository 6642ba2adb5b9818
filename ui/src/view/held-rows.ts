import { useRef, useState } from 'preact/hooks';
import type { Seen } from '../state/runs.js';

export interface HeldRows {
  readonly rows: readonly Seen[];
  /** How many came new and wait until the pointer has gone. */
  readonly waiting: number;
  onPointerEnter(): void;
  onPointerLeave(): void;
}

/**
 * What one is about to click must not move below the pointer: while it is over the list, new rows wait. `asked`: what a person wants
 * to be listed; when that changes nothing waits.
 */
export function useHeldRows(listed: readonly Seen[], asked: boolean): HeldRows {
  const [isOver, setIsOver] = useState(false);
  const shown = useRef({ rows: listed, asked });
  const isHeld = isOver && shown.current.asked === asked;
  shown.current = { rows: isHeld ? heldRows(shown.current.rows, listed) : listed, asked };
  const { rows } = shown.current;
  return {
    rows,
    waiting: listed.length - rows.length,
    onPointerEnter: () => setIsOver(true),
    onPointerLeave: () => setIsOver(false),
  };
}

/** The rows of before, as they are now. All of now where those of before are gone: another trace, or another moment of it. */
export function heldRows(before: readonly Seen[], now: readonly Seen[]): readonly Seen[] {
  const keys = new Set(before.map(({ key }) => key));
  const rows = now.filter(({ key }) => keys.has(key));
  return rows.length === 0 ? now : rows;
}
