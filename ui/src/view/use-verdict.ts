import { useMemo } from 'preact/hooks';
import { AFTER_KILL_US, aroundKill, NOTHING_AROUND } from '../../../src/model/around-kill.js';
import type { Incident, Model } from '../../../src/model/model.js';
import { judge, type Verdict } from '../../../src/model/verdict.js';
import type { SeenIncident } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';

/** What was judged when all that matters had come: later the timelines are coarse, or gone. */
const settled = new WeakMap<Incident, Verdict>();

/** The verdict on the incident that is shown; judged anew while its aftermath is still coming in. */
export function useVerdict(
  { incident, session, pods }: SeenIncident,
  feed: SeriesFeed,
  model: Model,
  nowMs: number,
): Verdict {
  const isSettled = feed.isComplete || (feed.series.nowUs ?? 0) > incident.startUs + AFTER_KILL_US;
  return useMemo(() => {
    const known = settled.get(incident);
    if (known !== undefined) return known;
    const isOfThisBoot = feed.bootId === session.bootId;
    const around = isOfThisBoot ? aroundKill(feed.series, model.memory, incident) : NOTHING_AROUND;
    const verdict = judge({ ...around, incident, session, incidents: model.incidents, pods });
    if (isSettled) settled.set(incident, verdict);
    return verdict;
  }, [incident, session, pods, feed, isSettled || nowMs]);
}
