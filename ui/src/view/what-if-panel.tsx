import { useId } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatBytes } from '../../../src/base/units.js';
import type { Candidate, EpisodeEvent } from '../../../src/events/episode.js';
import { cgroupName } from '../../../src/model/cause.js';
import { ADJ_MAX, ADJ_MIN, type Change, type Contest } from '../../../src/model/contest.js';
import type { AdjChange } from '../../../src/model/counterfactual.js';
import { processName } from '../../../src/model/summary.js';
import { signed } from './ballot-row.js';

export interface WhatIfPanelProps {
  readonly episode: EpisodeEvent;
  readonly contest: Contest;
  /** Whose adj the slider moves, as recorded. */
  readonly candidate: Candidate;
  /** The smallest change of its adj that turns the choice; null = none does. */
  readonly turn: AdjChange | null;
  readonly change: Change;
  readonly onChange: (change: Change) => void;
  readonly victim: Candidate | null;
  /** Whom the kernel chose. */
  readonly chosen: Candidate | null;
}

/** Each step of the limit's slider doubles or halves it by this share of a power of two. */
const LIMIT_STEPS_PER_DOUBLE = 16;
const LIMIT_DOUBLES = 4;

/** Sliders: what would have happened with another oom_score_adj, or another limit. */
export function WhatIfPanel(props: WhatIfPanelProps) {
  const { episode, contest, candidate, turn, change, onChange, victim, chosen } = props;
  const adjId = useId();
  const limitId = useId();
  const adj = change.adj?.get(candidate) ?? candidate.adj;
  const totalPages = change.totalPages ?? contest.totalPages;
  const isChanged = change.totalPages !== undefined || (change.adj?.size ?? 0) > 0;
  const setAdj = (value: number) => {
    const all = new Map(change.adj);
    if (value === candidate.adj) all.delete(candidate);
    else all.set(candidate, value);
    onChange({ ...change, adj: all });
  };
  const setStep = (step: number) => {
    const { totalPages: _, ...others } = change;
    const pages = Math.round(contest.totalPages * 2 ** (step / LIMIT_STEPS_PER_DOUBLE));
    onChange(step === 0 ? others : { ...others, totalPages: pages });
  };
  return (
    <div class="what-if">
      <span class="what-if-title">What if…</span>
      <span class="slider">
        <label for={adjId}>
          adj of <bdi class="comm">{visible(candidate.comm)}</bdi>
        </label>
        <input
          id={adjId}
          type="range"
          min={ADJ_MIN}
          max={ADJ_MAX}
          value={adj}
          onInput={(event) => setAdj(event.currentTarget.valueAsNumber)}
        />
        <output for={adjId}>{signed(adj)}</output>
        {turn !== null && (
          <button type="button" class="turn" onClick={() => setAdj(turn.adj)}>
            turns at {signed(turn.adj)}
          </button>
        )}
      </span>
      <span class="slider">
        <label for={limitId}>{limitLabel(episode)}</label>
        <input
          id={limitId}
          type="range"
          min={-LIMIT_DOUBLES * LIMIT_STEPS_PER_DOUBLE}
          max={LIMIT_DOUBLES * LIMIT_STEPS_PER_DOUBLE}
          value={Math.round(Math.log2(totalPages / contest.totalPages) * LIMIT_STEPS_PER_DOUBLE)}
          aria-valuetext={formatBytes(totalPages * contest.pageSizeBytes)}
          onInput={(event) => setStep(event.currentTarget.valueAsNumber)}
        />
        <output for={limitId}>{formatBytes(totalPages * contest.pageSizeBytes)}</output>
      </span>
      <p class={victim === chosen ? 'what-if-result' : 'what-if-result is-other'} role="status">
        {isChanged ? resultInWords(victim, chosen) : 'Move a slider: the same memory is weighed anew.'}{' '}
        {isChanged && (
          <button type="button" onClick={() => onChange({})}>
            as recorded
          </button>
        )}
      </p>
    </div>
  );
}

function limitLabel({ limitCgroup }: EpisodeEvent) {
  if (limitCgroup === null) return 'memory and swap of the node';
  return (
    <>
      limit of <bdi>{cgroupName(limitCgroup)}</bdi>
    </>
  );
}

function resultInWords(victim: Candidate | null, chosen: Candidate | null): string {
  if (victim === null) return 'Then nobody could have been killed.';
  return victim === chosen
    ? `Then ${processName(victim)} dies all the same.`
    : `Then ${processName(victim)} dies instead.`;
}
