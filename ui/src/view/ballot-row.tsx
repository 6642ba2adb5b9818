import { visible } from '../../../src/base/escape.js';
import { formatBytes, formatCount } from '../../../src/base/units.js';
import { memoryPages } from '../../../src/model/badness.js';
import type { BallotRow } from '../../../src/model/ballot.js';
import { type BarScale, barOf, MEMORY_PARTS } from './ballot-geometry.js';
import { PART_WORDS } from './ballot-words.js';

export interface BallotRowViewProps {
  readonly row: BallotRow;
  readonly scale: BarScale;
  readonly pageSizeBytes: number;
  /** Killed with the victim, as a member of its group. */
  readonly diedToo: boolean;
  readonly isCulprit: boolean;
  /** With what a person has changed, the kernel would choose this one instead. */
  readonly wouldDie: boolean;
}

export function BallotRowView({ row, scale, pageSizeBytes, diedToo, isCulprit, wouldDie }: BallotRowViewProps) {
  const { candidate, parts } = row;
  const memoryBytes = memoryPages(parts) * pageSizeBytes;
  return (
    <div class={row.rank === null ? 'candidate is-passed-over' : 'candidate'}>
      <span class="c-rank">{row.rank === null ? '–' : formatCount(row.rank)}</span>
      <span class="c-process">
        <span class="c-name">
          <bdi class="comm">{candidate.comm === '' ? '(no name)' : visible(candidate.comm)}</bdi>{' '}
          <span class="pid">{candidate.pid}</span>
        </span>
        <span class="c-second">
          {row.chosen && <span class="badge badge-victim">✕ victim</span>}
          {diedToo && <span class="badge badge-victim">✕ died too</span>}
          {isCulprit && <span class="badge badge-culprit">▲ culprit</span>}
          {wouldDie && <span class="badge badge-would">→ would die</span>}
          {row.trigger && <span class="badge badge-trigger">▸ trigger</span>}
          <Place row={row} />
        </span>
      </span>
      <span class="c-bar">
        <BarView row={row} scale={scale} />
      </span>
      <span class="c-memory">{formatBytes(memoryBytes)}</span>
      <span class="c-adj">{signed(candidate.adj)}</span>
      <span class="c-points">
        {candidate.points === null ? '–' : formatCount(candidate.points)}
        {row.check.kind === 'approximate' && (
          <span class="approximate" title={`recomputed: ${formatCount(row.check.differencePages)} pages apart`}>
            {' '}
            ≈
          </span>
        )}
      </span>
    </div>
  );
}

/** Where it is, or why it was passed over. */
function Place({ row: { note, candidate } }: { readonly row: BallotRow }) {
  if (note !== null) {
    return (
      <span class="c-place" title={note}>
        {note}
      </span>
    );
  }
  const path = candidate.cgroupPath === null ? '' : visible(candidate.cgroupPath);
  return (
    <span class="c-place path-end" title={path}>
      <bdi>{path}</bdi>
    </span>
  );
}

function BarView({ row, scale }: { readonly row: BallotRow; readonly scale: BarScale }) {
  const bar = barOf(row, scale);
  return (
    <span class="bar" role="img" aria-label={barInWords(row)}>
      {bar.segments.map(({ part, left, width, broken }) => (
        <span
          key={part}
          class={`segment part-${part}${part === 'adj' && (row.parts.adj ?? 0) < 0 ? ' is-negative' : ''}${broken ? ' is-broken' : ''}`}
          style={{ left: percent(left), width: percent(width) }}
        />
      ))}
      {scale.zero > 0 && <span class="zero" style={{ left: percent(scale.zero) }} />}
      {bar.points !== null && <span class="points-at" style={{ left: percent(bar.points) }} />}
    </span>
  );
}

/** The bar as it is read out: the numbers of its parts stand nowhere else in the row. */
function barInWords({ parts, rank }: BallotRow): string {
  const words = [
    ...MEMORY_PARTS.filter((part) => parts[part] > 0).map((part) => `${PART_WORDS[part]} ${formatCount(parts[part])}`),
    ...(rank === null || parts.adj === null || parts.adj === 0 ? [] : [`adj ${formatCount(parts.adj)}`]),
  ];
  return words.length === 0 ? 'no memory' : words.join(', ');
}

/** `+200`, `0`, `−999`. */
export function signed(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`;
}
