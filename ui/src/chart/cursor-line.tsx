import { useLayoutEffect, useRef } from 'preact/hooks';
import { shareOf } from '../time/span.js';
import type { TimeStore } from '../time/time-store.js';
import { INSET } from './insets.js';

export interface CursorLineProps {
  readonly time: TimeStore;
  readonly widthPx: number;
  readonly inset?: { readonly left: number; readonly right: number };
}

/** Where the pointer is in time, in every chart at once. Moved without rendering anything anew. */
export function CursorLine({ time, widthPx, inset = INSET }: CursorLineProps) {
  const line = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const take = () => {
      const { span, cursorMs } = time;
      if (line.current === null) return;
      const isShown = span !== null && cursorMs !== null && cursorMs >= span.fromMs && cursorMs <= span.toMs;
      line.current.hidden = !isShown;
      if (!isShown) return;
      const x = inset.left + shareOf(span, cursorMs) * Math.max(1, widthPx - inset.left - inset.right);
      line.current.style.transform = `translateX(${x.toFixed(1)}px)`;
    };
    take();
    return time.subscribe(take);
  }, [time, widthPx, inset]);
  return <div ref={line} class="cursor-line" hidden aria-hidden="true" />;
}
