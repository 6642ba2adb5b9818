import type { OomscopeEvent } from '../../events/event.js';
import { aroundKill, BEFORE_KILL_US } from '../../model/around-kill.js';
import { incidentKube, type KubeFacts } from '../../model/kube-facts.js';
import type { Incident, Model } from '../../model/model.js';
import { SeriesStore } from '../../model/series/series.js';
import { judge, mainAdvice } from '../../model/verdict.js';

/** Who is to blame for a kill and what to do, as sentences that are safe to print. */
export interface BlameWords {
  /** Null = nobody was killed. */
  readonly culprit: string | null;
  /** The first thing to do; null = there is nothing to advise. */
  readonly advice: string | null;
  /** What the API server told of those who had a part in it. */
  readonly kube: KubeFacts;
}

/** 11 MB at most. */
const SERIES = { fineUs: 90_000_000, fineRows: 60_000, coarseUs: BEFORE_KILL_US, coarseRows: 60_000 };

/** Keeps what led to a kill, so that its block can say who caused it. A fold beside the model: in bounded memory, changed in place. */
export class Blame {
  readonly series = new SeriesStore(SERIES);

  take(events: readonly OomscopeEvent[]): void {
    for (const event of events) this.series.apply(event);
  }

  /** Another past. */
  restart(state: readonly OomscopeEvent[]): void {
    this.series.clear();
    this.take(state);
  }

  /** With what is known now: call it when the kill is news, since nothing that comes later was its cause. */
  words(incident: Incident, model: Model): BlameWords {
    const { session, incidents, pods, told } = model;
    const { culprit, culpritWords, advice } = judge({
      ...aroundKill(this.series, model.memory, incident),
      ...{ incident, session, incidents, pods },
    });
    const first = mainAdvice(advice);
    return {
      culprit: culpritWords,
      advice: first === null ? null : `${first.says}.`,
      kube: incidentKube(incident, culprit, { told, pods, session }),
    };
  }
}
