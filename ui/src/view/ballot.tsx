import { useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, plural } from '../../../src/base/units.js';
import type { EpisodeEvent } from '../../../src/events/episode.js';
import { type Ballot, type BallotRow, sameProcess } from '../../../src/model/ballot.js';
import type { IncidentVictim } from '../../../src/model/model.js';
import { barScale } from './ballot-geometry.js';
import { BallotRowView } from './ballot-row.js';
import { BallotSum } from './ballot-sum.js';
import { useWidthPx } from './hooks.js';
import { VirtualRows } from './virtual-rows.js';

const ROW_PX = 42;
const COMPACT_ROW_PX = 84;
/** Narrower than this the columns do not fit side by side. */
const COMPACT_BELOW_PX = 640;
const LIST_PX = 640;

export interface BallotViewProps {
  readonly episode: EpisodeEvent;
  readonly ballot: Ballot;
  readonly victims: readonly IncidentVictim[];
}

/** Every process that the kernel weighed. Rendered anew (`key`) for each incident. */
export function BallotView({ episode, ballot, victims }: BallotViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const isCompact = useWidthPx(element) < COMPACT_BELOW_PX;
  const scale = useMemo(() => barScale(ballot), [ballot]);
  const [selected, setSelected] = useState(() =>
    Math.max(
      0,
      ballot.rows.findIndex((row) => row.chosen),
    ),
  );
  const row = ballot.rows[selected];
  if (row === undefined) return <p class="quiet">No candidate was recorded.</p>;
  return (
    <div class={isCompact ? 'ballot is-compact' : 'ballot'} ref={element} style={{ '--rank-width': rankWidth(ballot) }}>
      <BallotSum row={row} pageSizeBytes={episode.pageSizeBytes} />
      {!isCompact && <Head hasNegative={scale.zero > 0} />}
      <VirtualRows
        label={`${plural(ballot.rows.length, 'candidate')}, the first to die first`}
        idPrefix="candidate"
        count={ballot.rows.length}
        rowHeightPx={isCompact ? COMPACT_ROW_PX : ROW_PX}
        maxHeightPx={LIST_PX}
        selected={selected}
        onSelect={setSelected}
        row={(index) => {
          const shown = ballot.rows[index];
          if (shown === undefined) return null;
          const diedToo = !shown.chosen && isMarked(shown, victims);
          return <BallotRowView row={shown} scale={scale} pageSizeBytes={episode.pageSizeBytes} diedToo={diedToo} />;
        }}
      />
    </div>
  );
}

/** As wide as the longest rank; in pixels, since head and rows differ in their size of type. */
function rankWidth({ rows }: Ballot): string {
  return `${Math.max(2, formatCount(rows.length).length) * 10}px`;
}

function Head({ hasNegative }: { readonly hasNegative: boolean }) {
  return (
    <div class="ballot-head candidate" aria-hidden="true">
      <span class="c-rank">#</span>
      <span class="c-process">process</span>
      <span class="c-bar">points, in pages{hasNegative && <i>; left of the line: taken off by a negative adj</i>}</span>
      <span class="c-memory">memory</span>
      <span class="c-adj">adj</span>
      <span class="c-points">points</span>
    </div>
  );
}

/** A group kill takes others along, and they stand on the ballot too. */
function isMarked({ candidate }: BallotRow, victims: readonly IncidentVictim[]): boolean {
  return victims.some(({ steps }) =>
    steps.some((step) => step.step === 'marked' && step.process !== null && sameProcess(step.process, candidate)),
  );
}
