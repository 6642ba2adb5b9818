import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatCount, plural } from '../../../src/base/units.js';
import { NowPanel } from '../cgroups/now-panel.js';
import { WouldDie } from '../cgroups/rank-view.js';
import type { Playback } from '../files/playback.js';
import { visibleRuns } from '../state/page-state.js';
import { isUserKill, newestFirst } from '../state/runs.js';
import type { Store } from '../state/store.js';
import { epochMs } from '../state/time.js';
import type { TimeStore } from '../time/time-store.js';
import { Empty } from './empty.js';
import { useExtent } from './extent.js';
import { useNow, useStore } from './hooks.js';
import { IncidentList } from './incident-list.js';
import { KeyList } from './key-list.js';
import { useKeys } from './keys.js';
import { Kill } from './kill.js';
import { NodeTimeline } from './node-timeline.js';
import { Notices } from './notices.js';
import { ReplayBar } from './replay-bar.js';
import { useSelection } from './selection.js';
import { SessionDetails } from './session-details.js';
import { TopBar } from './top-bar.js';
import { Unkilled } from './unkilled.js';
import { UserKillView } from './user-kill.js';
import { isListedKill } from './user-kill-finding.js';

const CLOCK_MS = 1_000;

export interface AppProps {
  readonly store: Store;
  readonly time: TimeStore;
  /** A film is played: a file, or a replay. Null = live. */
  readonly playback: Playback | null;
  readonly onRetry: () => void;
  readonly onOpen: (files: readonly File[]) => void;
  readonly onCloseFile: (() => void) | null;
}

export function App({ store, time, playback, onRetry, onOpen, onCloseFile }: AppProps) {
  const state = useStore(store);
  const nowMs = useNow(CLOCK_MS);
  const [showsHarmless, setShowsHarmless] = useState(false);
  // Samples change the state many times a second, and nothing of this.
  const runs = useMemo(
    () => visibleRuns(state),
    [
      state.past,
      state.link.kind === 'loading',
      state.model.session,
      state.model.incidents,
      state.model.kills,
      // A name may be learned after the kill.
      state.model.pods,
    ],
  );
  const all = useMemo(() => newestFirst(runs), [runs]);
  // Of a film what kubelet had left is read little by little, and with it whose stop was an eviction; the API server tells it later.
  const { told } = state.model;
  const kills = useMemo(
    () => all.filter((seen) => isListedKill(seen, store.feed, told)),
    [all, store.feed.isComplete, told],
  );
  const stops = all.filter(isUserKill).length - kills.filter(isUserKill).length;
  const listed = showsHarmless ? all : kills;
  const session = runs.at(-1)?.session ?? null;
  const selection = useSelection(listed);
  const help = useRef<HTMLDialogElement>(null);
  useKeys({ playback, time, selection, onHelp: () => help.current?.showModal() });
  useExtent(time, { state, runs, playback, nowMs });

  useEffect(() => {
    const name = session?.hostname ?? null;
    const host = name === null ? '' : ` · ${visible(name)}`;
    document.title = kills.length === 0 ? `oomscope${host}` : `(${formatCount(kills.length)}) oomscope${host}`;
  }, [kills.length, session]);

  const hasMemory = state.model.memory.samples.size > 0;
  const isServed = state.link.kind !== 'file' && state.link.kind !== 'no-server';
  const shown = { feed: store.feed, model: state.model, nowMs, isServed };
  // The same element is not rendered anew: it is the largest, and has nothing to do with samples.
  const incident = useMemo(
    () => (
      <main>
        {selection.seen === null ? (
          <>
            <Empty session={session} link={state.link} nowMs={nowMs} />
            {session !== null && <Unkilled session={session} feed={store.feed} model={state.model} nowMs={nowMs} />}
            {session !== null && <WouldDie model={state.model} nowMs={nowMs} />}
          </>
        ) : isUserKill(selection.seen) ? (
          <UserKillView seen={selection.seen} {...shown} />
        ) : (
          <Kill seen={selection.seen} {...shown} />
        )}
        {session !== null && <SessionDetails session={session} />}
      </main>
    ),
    [selection.seen, session, state.link, nowMs],
  );

  return (
    <>
      <TopBar
        session={session}
        state={state}
        nowMs={nowMs}
        onRetry={onRetry}
        onOpen={onOpen}
        onCloseFile={onCloseFile}
        onHelp={() => help.current?.showModal()}
      />
      <Notices state={state} nowMs={nowMs} />
      {session !== null && epochMs(session, 0) !== null && (
        // Of a log without dates nobody knows how far things were apart.
        <section class="timeline" aria-label="timeline">
          <NodeTimeline
            time={time}
            session={session}
            feed={store.feed}
            memory={state.model.memory}
            incidents={listed}
            selectedKey={selection.key}
            onSelect={selection.select}
            playback={playback}
          />
          {playback !== null && <ReplayBar playback={playback} time={time} />}
        </section>
      )}
      <div class={`columns${all.length === 0 ? ' is-single' : ''}${hasMemory ? ' has-memory' : ''}`}>
        {all.length > 0 && (
          <IncidentList
            listed={listed}
            feed={store.feed}
            killCount={kills.length}
            harmlessCount={all.length - kills.length - stops}
            stopCount={stops}
            showsHarmless={showsHarmless}
            onShowHarmless={setShowsHarmless}
            selection={selection}
            // Of a film the day is told above; beside each kill it would only be in the way.
            nowMs={playback === null ? nowMs : playback.state.endUs / 1000}
          />
        )}
        {incident}
        {session !== null && hasMemory && (
          <NowPanel
            model={state.model}
            session={session}
            feed={store.feed}
            time={time}
            isFilm={playback !== null}
            nowMs={nowMs}
          />
        )}
      </div>
      <KeyList dialog={help} />
      <p class="said" aria-live="polite">
        {kills.length > 0 && `${plural(kills.length, 'kill')} so far`}
      </p>
    </>
  );
}
