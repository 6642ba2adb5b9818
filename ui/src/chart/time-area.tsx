import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TimeStore } from '../time/time-store.js';
import { useWidthPx } from '../view/hooks.js';
import { CursorLine } from './cursor-line.js';
import { attachGestures, timeKey } from './gestures.js';

export interface TimeAreaProps {
  readonly time: TimeStore;
  /** What is drawn here, in words: it is read out instead of the canvas. */
  readonly label: string;
  readonly class?: string;
  /** False = one of many charts side by side: the keys belong to the first. */
  readonly takesKeys: boolean;
  readonly children: (widthPx: number) => ComponentChildren;
}

/** The box around a chart: wheel, drag and keys move the shared time, and the cursor line stands in it. */
export function TimeArea({ time, label, takesKeys, children, ...props }: TimeAreaProps) {
  const box = useRef<HTMLDivElement>(null);
  const widthPx = useWidthPx(box);
  useEffect(() => (box.current === null ? undefined : attachGestures(box.current, time)), [time]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form.
    <div
      ref={box}
      class={`time-area ${props.class ?? ''}`}
      role="group"
      aria-label={label}
      tabIndex={takesKeys ? 0 : undefined}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !takesKeys) return;
        if (!timeKey(event.key, time)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {widthPx > 0 && children(widthPx)}
      <CursorLine time={time} widthPx={widthPx} />
    </div>
  );
}
