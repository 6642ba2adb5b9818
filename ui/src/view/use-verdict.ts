import { useMemo } from 'preact/hooks';
import type { Incident, Model } from '../../../src/model/model.js';
import { tracksOf, withKillPoint } from '../../../src/model/tracks.js';
import { judge, type Verdict } from '../../../src/model/verdict.js';
import type { SeenIncident } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';

const BEFORE_US = 15 * 60 * 1_000_000;
const AFTER_US = 10 * 1_000_000;

/** What was judged when all that matters had come: later the timelines are coarse, or gone. */
const settled = new WeakMap<Incident, Verdict>();

/** The verdict on the incident that is shown; judged anew while its aftermath is still coming in. */
export function useVerdict(
  { incident, session, pods }: SeenIncident,
  feed: SeriesFeed,
  model: Model,
  nowMs: number,
): Verdict {
  const isSettled = feed.isComplete || (feed.series.nowUs ?? 0) > incident.startUs + AFTER_US;
  return useMemo(() => {
    const known = settled.get(incident);
    if (known !== undefined) return known;
    const isOfThisBoot = feed.bootId === session.bootId;
    const { episode, startUs } = incident;
    const around = isOfThisBoot ? tracksOf(feed.series, model.memory, startUs - BEFORE_US, startUs + AFTER_US) : [];
    const verdict = judge({
      incident,
      session,
      tracks: episode === null ? around : withKillPoint(around, episode),
      incidents: model.incidents,
      pods,
    });
    if (isSettled) settled.set(incident, verdict);
    return verdict;
  }, [incident, session, pods, feed, isSettled || nowMs]);
}
