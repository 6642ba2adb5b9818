import { formatCount } from '../../../src/base/units.js';
import type { TimeStore } from '../time/time-store.js';
import { useTime } from '../time/use-time.js';
import { INSET } from './insets.js';
import { groupMarks, type Mark } from './marks.js';

export interface MarkRowProps {
  readonly time: TimeStore;
  readonly widthPx: number;
  readonly marks: readonly Mark[];
  readonly selectedKey: string | null;
  readonly onSelect: (key: string) => void;
}

/** Kills on the timeline, to be clicked. Who uses the keys or a reader has the same in the list of kills. */
export function MarkRow({ time, widthPx, marks, selectedKey, onSelect }: MarkRowProps) {
  useTime(time);
  const { span } = time;
  if (span === null) return null;
  const plotPx = Math.max(1, widthPx - INSET.left - INSET.right);
  return (
    <div class="marks" aria-hidden="true">
      {groupMarks(marks, span, plotPx, selectedKey).map(({ mark, count, share, hasSelected }) => (
        <button
          key={mark.key}
          type="button"
          tabIndex={-1}
          class={`mark${mark.isNearMiss ? ' is-near-miss' : mark.isKill ? '' : ' is-harmless'}${mark.isByUser ? ' is-by-user' : ''}${hasSelected ? ' is-selected' : ''}`}
          style={{ left: `${INSET.left + share * plotPx}px` }}
          title={count > 1 ? `${mark.words} (and ${formatCount(count - 1)} more here)` : mark.words}
          onClick={() => !mark.isNearMiss && onSelect(mark.key)}
        >
          {count > 1 ? formatCount(count) : signOf(mark)}
        </button>
      ))}
    </div>
  );
}

function signOf({ isNearMiss, isKill, isByUser }: Mark): string {
  if (isNearMiss) return '◇';
  if (!isKill) return '·';
  return isByUser ? '⊘' : '✕';
}
