import { formatCount, plural } from '../../../src/base/units.js';
import type { SeenIncident } from '../state/runs.js';
import { KillList } from './kill-list.js';
import type { Selection } from './selection.js';

export interface IncidentListProps {
  readonly listed: readonly SeenIncident[];
  readonly killCount: number;
  readonly harmlessCount: number;
  readonly showsHarmless: boolean;
  readonly onShowHarmless: (shows: boolean) => void;
  readonly selection: Selection;
  readonly nowMs: number;
}

/** The kills, and on demand the runs of the OOM killer that killed nobody. */
export function IncidentList(props: IncidentListProps) {
  const { listed, killCount, harmlessCount, showsHarmless, onShowHarmless, selection, nowMs } = props;
  return (
    <nav class="list" aria-label="incidents">
      <h2>
        {plural(killCount, 'kill')}
        {selection.newerCount > 0 && (
          <button type="button" class="newer" onClick={selection.followNewest}>
            ↑ {formatCount(selection.newerCount)} newer
          </button>
        )}
      </h2>
      <KillList incidents={listed} selectedKey={selection.key} onSelect={selection.select} nowMs={nowMs} />
      {harmlessCount > 0 && (
        <label class="harmless">
          <input
            type="checkbox"
            checked={showsHarmless}
            onChange={(event) => onShowHarmless(event.currentTarget.checked)}
          />{' '}
          also {plural(harmlessCount, 'run', 'runs')} of the OOM killer that killed nobody new
        </label>
      )}
    </nav>
  );
}
