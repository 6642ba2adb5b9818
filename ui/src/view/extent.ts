import { useEffect } from 'preact/hooks';
import type { Playback } from '../files/playback.js';
import { changeAddressSoon } from '../state/address.js';
import type { PageState } from '../state/page-state.js';
import type { Run } from '../state/runs.js';
import { axisMs } from '../state/time.js';
import type { Span } from '../time/span.js';
import type { TimeStore } from '../time/time-store.js';

const SHORTEST_MS = 60_000;
const SHORTEST_FILM_MS = 1_000;

export interface ExtentSources {
  readonly state: PageState;
  readonly runs: readonly Run[];
  /** Of a film the whole length is known. */
  readonly playback: Playback | null;
  readonly nowMs: number;
}

/** Tells the charts how much time there is. */
export function useExtent(time: TimeStore, { state, runs, playback, nowMs }: ExtentSources): void {
  const extent = playback === null ? extentOf(state, runs, nowMs) : filmExtent(playback);
  useEffect(() => {
    if (extent !== null) time.setExtent(extent);
  }, [time, extent?.fromMs, extent?.toMs]);
  useEffect(
    () =>
      time.subscribe(() => {
        const { view } = time;
        changeAddressSoon({ span: view.kind === 'fixed' ? view.span : null });
      }),
    [time],
  );
}

function filmExtent({ state: { startUs, endUs } }: Playback): Span {
  return { fromMs: startUs / 1000, toMs: Math.max(endUs / 1000, startUs / 1000 + SHORTEST_FILM_MS) };
}

/** From the first thing that is known up to the present. Null = nothing is known. */
function extentOf({ link, model }: PageState, runs: readonly Run[], nowMs: number): Span | null {
  const first = runs[0];
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return null;
  const firstKills = [first.incidents[0], first.userKills[0]].map((kill) => kill?.startUs ?? first.session.tUs);
  const startUs = Math.min(first.session.tUs, ...firstKills);
  const newestMs = axisMs(last.session, Math.max(model.nowUs ?? 0, last.session.tUs));
  // Of a quiet node nothing comes for a long time, and yet time goes on.
  const toMs = link.kind === 'live' ? Math.max(newestMs, nowMs) : newestMs;
  return { fromMs: Math.min(axisMs(first.session, startUs), toMs - SHORTEST_MS), toMs };
}
