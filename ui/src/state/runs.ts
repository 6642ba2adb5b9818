import type { SessionEvent } from '../../../src/events/session.js';
import { MAX_INCIDENTS } from '../../../src/model/incidents.js';
import type { Incident, Model } from '../../../src/model/model.js';
import { type Pods, withPod } from '../../../src/model/pods.js';

/** What one boot of the node has shown. Time is counted from the boot, so incidents are nothing without their session. */
export interface Run {
  readonly session: SessionEvent;
  /** Oldest first. */
  readonly incidents: readonly Incident[];
  readonly pods: Pods;
}

/** An incident with what is needed to say when it was. */
export interface SeenIncident {
  /** Unique on this page, over reboots as well. */
  readonly key: string;
  readonly incident: Incident;
  readonly session: SessionEvent;
  /** Names for its cgroups. */
  readonly pods: Pods;
}

/**
 * The past of the page with the model of the present connection. A server that was started anew knows less than this
 * page has seen, and what was seen stays: until the page is closed, or there are more than MAX_INCIDENTS.
 */
export function withModel(runs: readonly Run[], model: Model): readonly Run[] {
  const { session, incidents, pods } = model;
  if (session === null) return runs;
  const earlier = runs.find((run) => bootKey(run.session) === bootKey(session));
  const others = runs.filter((run) => run !== earlier);
  return bounded([
    ...others,
    { session, incidents: merged(earlier?.incidents ?? [], incidents), pods: mergedPods(earlier?.pods, pods) },
  ]);
}

/** All incidents of all runs, the newest first. */
export function newestFirst(runs: readonly Run[]): SeenIncident[] {
  return runs
    .flatMap(({ session, incidents, pods }) =>
      incidents.map((incident) => ({ key: `${bootKey(session)}/${incident.id}`, incident, session, pods })),
    )
    .reverse();
}

/** Which boot it is; a log may not have its id. */
function bootKey({ bootId, hostname, clock, anchorBootUs, anchorEpochUs }: SessionEvent): string {
  return bootId ?? [hostname, clock, anchorBootUs, anchorEpochUs].join(' ');
}

/** What only the page remembers is put before or between what the server has, by time. */
function merged(seen: readonly Incident[], now: readonly Incident[]): readonly Incident[] {
  const present = new Map(now.map((incident) => [incident.id, incident]));
  const onlySeen = seen.filter((incident) => !present.has(incident.id));
  const known = new Map(seen.map((incident) => [incident.id, incident]));
  const current = now.map((incident) => fuller(incident, known.get(incident.id)));
  if (onlySeen.length === 0) return current;
  return [...onlySeen, ...current].sort((a, b) => a.startUs - b.startUs);
}

/** A server that was started anew does not know the pods that are gone. */
function mergedPods(seen: Pods | undefined, now: Pods): Pods {
  return seen === undefined || seen.size === 0 ? now : [...now.values()].reduce(withPod, seen);
}

/** A server that adopted the pins may know the end of an incident whose ballot only this page still has. */
function fuller(now: Incident, seen: Incident | undefined): Incident {
  if (seen === undefined || seen === now) return now;
  const victims = [
    ...seen.victims.filter((victim) => !now.victims.some((other) => other.tid === victim.tid)),
    ...now.victims,
  ];
  return { ...now, episode: now.episode ?? seen.episode, victims };
}

function bounded(runs: readonly Run[]): readonly Run[] {
  let room = MAX_INCIDENTS;
  return runs
    .toReversed()
    .map((run) => {
      const incidents = room === 0 ? [] : run.incidents.slice(-room);
      room -= incidents.length;
      return { ...run, incidents };
    })
    .filter((run, index) => index === 0 || run.incidents.length > 0)
    .reverse();
}
