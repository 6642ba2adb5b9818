import { type Span, shareOf } from '../time/span.js';

/** A moment to be marked above a chart. */
export interface Mark {
  readonly key: string;
  readonly ms: number;
  readonly words: string;
  readonly isKill: boolean;
  /** Ended by user space, and not by the kernel. */
  readonly isByUser: boolean;
  /** It is no incident that could be shown. */
  readonly isNearMiss: boolean;
}

/** Marks that stand too close to be told apart are one. */
export interface MarkGroup {
  /** The newest of them. */
  readonly mark: Mark;
  readonly count: number;
  readonly share: number;
  readonly hasSelected: boolean;
}

const APART_PX = 12;

/** Those that are in sight, the oldest first. `marks` come in any order. */
export function groupMarks(
  marks: readonly Mark[],
  span: Span,
  widthPx: number,
  selectedKey: string | null,
): MarkGroup[] {
  const shown = marks.filter(({ ms }) => ms >= span.fromMs && ms <= span.toMs).sort((a, b) => a.ms - b.ms);
  const groups: MarkGroup[] = [];
  for (const mark of shown) {
    const share = shareOf(span, mark.ms);
    const last = groups.at(-1);
    const isSelected = mark.key === selectedKey;
    if (last !== undefined && (share - last.share) * widthPx < APART_PX) {
      // A kill is not hidden behind a run that killed nobody, nor the chosen one behind any other.
      const stays = last.hasSelected || (!isSelected && last.mark.isKill && !mark.isKill);
      groups[groups.length - 1] = {
        mark: stays ? last.mark : mark,
        count: last.count + 1,
        share: last.share,
        hasSelected: last.hasSelected || isSelected,
      };
    } else groups.push({ mark, count: 1, share, hasSelected: isSelected });
  }
  return groups;
}
