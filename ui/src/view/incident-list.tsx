import { formatCount, plural } from '../../../src/base/units.js';
import type { Seen } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { useHeldRows } from './held-rows.js';
import { KillList } from './kill-list.js';
import type { Selection } from './selection.js';

export interface IncidentListProps {
  readonly listed: readonly Seen[];
  readonly feed: SeriesFeed;
  readonly killCount: number;
  /** Runs of the OOM killer that killed nobody new. */
  readonly harmlessCount: number;
  /** Ordinary stops by user space. */
  readonly stopCount: number;
  readonly showsHarmless: boolean;
  readonly onShowHarmless: (shows: boolean) => void;
  readonly selection: Selection;
  readonly nowMs: number;
}

/** The kills, and on demand the runs of the OOM killer that killed nobody, and what user space ends every day. */
export function IncidentList(props: IncidentListProps) {
  const { listed, feed, killCount, harmlessCount, stopCount, showsHarmless, onShowHarmless, selection, nowMs } = props;
  const { rows, waiting, onPointerEnter, onPointerLeave } = useHeldRows(listed, showsHarmless);
  const newer = Math.max(selection.newerCount, waiting);
  return (
    <nav class="list" aria-label="incidents">
      <h2>
        {plural(killCount, 'kill')}
        {newer > 0 && (
          <button type="button" class="newer" onClick={selection.followNewest}>
            ↑ {formatCount(newer)} newer
          </button>
        )}
      </h2>
      <div class="list-rows" onPointerEnter={onPointerEnter} onPointerLeave={onPointerLeave}>
        <KillList incidents={rows} feed={feed} selectedKey={selection.key} onSelect={selection.select} nowMs={nowMs} />
      </div>
      {harmlessCount + stopCount > 0 && (
        <label class="harmless">
          <input
            type="checkbox"
            checked={showsHarmless}
            onChange={(event) => onShowHarmless(event.currentTarget.checked)}
          />{' '}
          also {othersInWords(harmlessCount, stopCount)}
        </label>
      )}
    </nav>
  );
}

function othersInWords(harmlessCount: number, stopCount: number): string {
  const runs = `${plural(harmlessCount, 'run', 'runs')} of the OOM killer that killed nobody new`;
  const stops = `${plural(stopCount, 'ordinary stop', 'ordinary stops')} (SIGTERM, container runtimes)`;
  return [...(harmlessCount > 0 ? [runs] : []), ...(stopCount > 0 ? [stops] : [])].join(', ');
}
