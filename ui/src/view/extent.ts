import { useEffect } from 'preact/hooks';
import type { PageState } from '../state/page-state.js';
import type { Run } from '../state/runs.js';
import { epochMs } from '../state/time.js';
import type { Span } from '../time/span.js';
import type { TimeStore } from '../time/time-store.js';

const SHORTEST_MS = 60_000;

/** Tells the charts how much time there is. */
export function useExtent(time: TimeStore, state: PageState, runs: readonly Run[], nowMs: number): void {
  const extent = extentOf(state, runs, nowMs);
  useEffect(() => {
    if (extent !== null) time.setExtent(extent);
  }, [time, extent?.fromMs, extent?.toMs]);
}

/** From the first thing that is known up to the present. Null = nothing is known. */
function extentOf({ link, model }: PageState, runs: readonly Run[], nowMs: number): Span | null {
  const first = runs[0];
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return null;
  const startUs = Math.min(first.session.tUs, first.incidents[0]?.startUs ?? first.session.tUs);
  const newestMs = epochMs(last.session, Math.max(model.nowUs ?? 0, last.session.tUs));
  // Of a quiet node nothing comes for a long time, and yet time goes on.
  const toMs = link.kind === 'live' ? Math.max(newestMs, nowMs) : newestMs;
  return { fromMs: Math.min(epochMs(first.session, startUs), toMs - SHORTEST_MS), toMs };
}
