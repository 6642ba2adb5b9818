import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useHeightPx } from './hooks.js';

export interface VirtualRowsProps {
  readonly count: number;
  readonly rowHeightPx: number;
  /** Beyond this height the rows scroll; null = beyond what the style sheet leaves them. */
  readonly maxHeightPx: number | null;
  /** -1 = none. */
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  readonly label: string;
  readonly idPrefix: string;
  readonly row: (index: number) => ComponentChildren;
}

const OVERSCAN_ROWS = 6;
/** What is rendered before the height is known. */
const FIRST_HEIGHT_PX = 900;

/** Rows of one height, of which only those in sight exist: ten thousand cost no more than twenty. Arrow keys choose. */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeightPx, maxHeightPx, selected, onSelect, idPrefix } = props;
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const wantedPx = Math.min(maxHeightPx ?? Number.POSITIVE_INFINITY, count * rowHeightPx);
  const heightPx = useHeightPx(box, Math.min(wantedPx, FIRST_HEIGHT_PX));

  // Fewer rows than before: the browser has moved the scroll position by itself.
  useLayoutEffect(() => setScrollTop(box.current?.scrollTop ?? 0), [count, rowHeightPx]);

  useEffect(() => {
    if (selected >= 0 && box.current !== null) scrollIntoSight(box.current, selected * rowHeightPx, rowHeightPx);
  }, [selected, rowHeightPx]);

  const first = Math.max(0, Math.floor(scrollTop / rowHeightPx) - OVERSCAN_ROWS);
  const last = Math.min(count, Math.ceil((scrollTop + heightPx) / rowHeightPx) + OVERSCAN_ROWS);
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);

  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>) => {
    const target = nextIndex(event.key, selected, count, Math.max(1, Math.floor(heightPx / rowHeightPx) - 1));
    if (target === null) return;
    event.preventDefault();
    onSelect(target);
  };

  return (
    <div
      ref={box}
      class="rows"
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={selected >= first && selected < last ? `${idPrefix}-${selected}` : undefined}
      style={{ height: `${wantedPx}px` }}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="rows-space" role="presentation" style={{ height: `${count * rowHeightPx}px` }}>
        {shown.map((index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the box, which has the focus.
          // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant.
          <div
            key={index}
            id={`${idPrefix}-${index}`}
            class={index === selected ? 'row is-selected' : 'row'}
            role="option"
            aria-selected={index === selected}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ height: `${rowHeightPx}px`, transform: `translateY(${index * rowHeightPx}px)` }}
            onClick={() => onSelect(index)}
          >
            {props.row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where a key leads; null = it is none of ours. */
export function nextIndex(key: string, selected: number, count: number, pageRows: number): number | null {
  if (count === 0) return null;
  const clamp = (index: number) => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(selected + 1);
    case 'ArrowUp':
      return clamp(selected - 1);
    case 'PageDown':
      return clamp(selected + pageRows);
    case 'PageUp':
      return clamp(selected - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function scrollIntoSight(box: HTMLElement, topPx: number, rowHeightPx: number): void {
  if (topPx < box.scrollTop) box.scrollTop = topPx;
  else if (topPx + rowHeightPx > box.scrollTop + box.clientHeight)
    box.scrollTop = topPx + rowHeightPx - box.clientHeight;
}
