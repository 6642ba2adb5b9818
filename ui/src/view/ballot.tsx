import { useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, plural } from '../../../src/base/units.js';
import type { Candidate, EpisodeEvent } from '../../../src/events/episode.js';
import { type Ballot, type BallotRow, sameProcess } from '../../../src/model/ballot.js';
import { type Change, contestOf } from '../../../src/model/contest.js';
import { adjChanges } from '../../../src/model/counterfactual.js';
import type { IncidentVictim } from '../../../src/model/model.js';
import { changeAddress, openedAddress } from '../state/address.js';
import { barScale } from './ballot-geometry.js';
import { BallotRowView } from './ballot-row.js';
import { BallotSum } from './ballot-sum.js';
import { useWidthPx } from './hooks.js';
import { VirtualRows } from './virtual-rows.js';
import { whatIf } from './what-if.js';
import { WhatIfPanel } from './what-if-panel.js';

const ROW_PX = 42;
const COMPACT_ROW_PX = 84;
/** Narrower than this the columns do not fit side by side. */
const COMPACT_BELOW_PX = 640;
const LIST_PX = 640;

export interface BallotViewProps {
  readonly episode: EpisodeEvent;
  readonly ballot: Ballot;
  readonly victims: readonly IncidentVictim[];
  /** The process that caused it, as far as one did. */
  readonly culprit: Candidate | null;
}

/** Every process that the kernel weighed, and what would have been otherwise. Rendered anew (`key`) for each incident. */
export function BallotView({ episode, ballot: recordedBallot, victims, culprit }: BallotViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const isCompact = useWidthPx(element) < COMPACT_BELOW_PX;
  const contest = useMemo(() => contestOf(episode), [episode]);
  const turns = useMemo(() => (contest.kind === 'none' ? [] : adjChanges(contest.contest, contest.winner)), [contest]);
  const [change, setChange] = useState<Change>({});
  const changed = useMemo(
    () => (contest.kind === 'none' || isNothing(change) ? null : whatIf(episode, contest.contest, change)),
    [episode, contest, change],
  );
  const ballot = changed?.ballot ?? recordedBallot;
  const scale = useMemo(() => barScale(ballot), [ballot]);
  const asRecorded = (candidate: Candidate) => changed?.recorded.get(candidate) ?? candidate;
  const [picked, setPicked] = useState<Candidate | null>(() => firstPicked(recordedBallot, openedAddress().candidate));
  const selected = useMemo(
    () => ballot.rows.findIndex((row) => asRecorded(row.candidate) === picked),
    [ballot, picked],
  );
  const row = ballot.rows[selected];
  if (row === undefined || picked === null) return <p class="quiet">No candidate was recorded.</p>;
  const winner = contest.kind === 'none' ? null : (episode.candidates[contest.winner] ?? null);
  const wouldDie = changed === null || changed.victim === winner ? null : changed.victim;
  return (
    <div class={isCompact ? 'ballot is-compact' : 'ballot'} ref={element} style={{ '--rank-width': rankWidth(ballot) }}>
      <BallotSum row={row} pageSizeBytes={episode.pageSizeBytes} isChanged={changed !== null} />
      {!isCompact && <Head hasNegative={scale.zero > 0} />}
      <VirtualRows
        label={`${plural(ballot.rows.length, 'candidate')}, the first to die first`}
        idPrefix="candidate"
        count={ballot.rows.length}
        rowHeightPx={isCompact ? COMPACT_ROW_PX : ROW_PX}
        maxHeightPx={LIST_PX}
        selected={selected}
        onSelect={(index) => {
          const other = ballot.rows[index];
          if (other === undefined) return;
          setPicked(asRecorded(other.candidate));
          changeAddress({ candidate: other.candidate.pid });
        }}
        row={(index) => {
          const shown = ballot.rows[index];
          if (shown === undefined) return null;
          return (
            <BallotRowView
              row={shown}
              scale={scale}
              pageSizeBytes={episode.pageSizeBytes}
              diedToo={!shown.chosen && isMarked(shown, victims)}
              isCulprit={culprit !== null && sameProcess(shown.candidate, culprit)}
              wouldDie={wouldDie !== null && asRecorded(shown.candidate) === wouldDie}
            />
          );
        }}
      />
      {contest.kind === 'none' ? (
        <p class="what-if quiet">What if… cannot be computed: {contest.reason}.</p>
      ) : (
        <WhatIfPanel
          episode={episode}
          contest={contest.contest}
          candidate={picked}
          turn={turns.find(({ candidate }) => candidate === picked) ?? null}
          change={change}
          onChange={setChange}
          victim={changed === null ? winner : changed.victim}
          chosen={winner}
        />
      )}
    </div>
  );
}

/** The one that the address names, else the victim. */
function firstPicked({ rows }: Ballot, pid: number | null): Candidate | null {
  const named = pid === null ? undefined : rows.find(({ candidate }) => candidate.pid === pid);
  return (named ?? rows.find((row) => row.chosen) ?? rows[0])?.candidate ?? null;
}

function isNothing({ adj, totalPages }: Change): boolean {
  return totalPages === undefined && (adj === undefined || adj.size === 0);
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
      <span class="c-bar">points, in pages{hasNegative && <i>; left of 0: adj</i>}</span>
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
