import { useEffect, useMemo, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatCount, plural } from '../../../src/base/units.js';
import { isKill } from '../../../src/model/fold.js';
import { visibleRuns } from '../state/page-state.js';
import { newestFirst } from '../state/runs.js';
import type { Store } from '../state/store.js';
import { Empty } from './empty.js';
import { useNow, useStore } from './hooks.js';
import { Kill } from './kill.js';
import { KillList } from './kill-list.js';
import { Notices } from './notices.js';
import { useSelection } from './selection.js';
import { SessionDetails } from './session-details.js';
import { TopBar } from './top-bar.js';

const CLOCK_MS = 1_000;

export function App({ store, onRetry }: { readonly store: Store; readonly onRetry: () => void }) {
  const state = useStore(store);
  const nowMs = useNow(CLOCK_MS);
  const [showsHarmless, setShowsHarmless] = useState(false);
  const runs = useMemo(() => visibleRuns(state), [state]);
  const all = useMemo(() => newestFirst(runs), [runs]);
  const kills = useMemo(() => all.filter((seen) => isKill(seen.incident)), [all]);
  const listed = showsHarmless ? all : kills;
  const session = runs.at(-1)?.session ?? null;
  const selection = useSelection(listed);
  const harmlessCount = all.length - kills.length;
  const lostCount = Object.values(state.model.lost).reduce((sum, count) => sum + count, 0);

  useEffect(() => {
    const host = session === null ? '' : ` · ${visible(session.hostname)}`;
    document.title = kills.length === 0 ? `oomscope${host}` : `(${formatCount(kills.length)}) oomscope${host}`;
  }, [kills.length, session]);

  return (
    <>
      <TopBar session={session} link={state.link} lostCount={lostCount} nowMs={nowMs} onRetry={onRetry} />
      <Notices state={state} nowMs={nowMs} />
      <div class={all.length === 0 ? 'columns is-single' : 'columns'}>
        {all.length > 0 && (
          <nav class="list" aria-label="incidents">
            <h2>
              {plural(kills.length, 'kill')}
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
                  onChange={(event) => setShowsHarmless(event.currentTarget.checked)}
                />{' '}
                also {plural(harmlessCount, 'run', 'runs')} of the OOM killer that killed nobody new
              </label>
            )}
          </nav>
        )}
        <main>
          {selection.seen === null ? (
            <Empty session={session} link={state.link} nowMs={nowMs} />
          ) : (
            <Kill seen={selection.seen} nowMs={nowMs} />
          )}
        </main>
      </div>
      {session !== null && <SessionDetails session={session} />}
      <p class="said" aria-live="polite">
        {kills.length > 0 && `${plural(kills.length, 'kill')} so far`}
      </p>
    </>
  );
}
