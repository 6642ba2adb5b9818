import { useEffect, useState } from 'preact/hooks';
import type { TimeStore } from './time-store.js';

/** Renders anew when the shared time or its cursor moves. */
export function useTime(time: TimeStore): void {
  const [, setTurn] = useState(0);
  useEffect(() => time.subscribe(() => setTurn((turn) => turn + 1)), [time]);
}
