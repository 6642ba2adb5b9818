import type { KillEvent } from '../../../src/events/kill.js';
import type { SessionEvent } from '../../../src/events/session.js';
import { MAX_INCIDENTS } from '../../../src/model/incidents.js';
import type { Incident, Model } from '../../../src/model/model.js';
import { type Pods, withPod } from '../../../src/model/pods.js';
import { type UserKill, type UserKillTarget, userKills } from '../../../src/model/user-kill.js';

/** What one boot of the node has shown. Time is counted from the boot, so incidents are nothing without their session. */
export interface Run {
  readonly session: SessionEvent;
  /** Oldest first. */
  readonly incidents: readonly Incident[];
  /** Oldest first. */
  readonly userKills: readonly UserKill[];
  readonly pods: Pods;
}

/** A kill by user space with the same. */
export interface SeenUserKill {
  readonly key: string;
  readonly userKill: UserKill;
  readonly session: SessionEvent;
  readonly pods: Pods;
}

/** What is listed. */
export type Seen = SeenIncident | SeenUserKill;

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
  const { session, incidents, kills, pods } = model;
  if (session === null) return runs;
  const earlier = runs.find((run) => bootKey(run.session) === bootKey(session));
  const others = runs.filter((run) => run !== earlier);
  return bounded([
    ...others,
    {
      session,
      incidents: merged(earlier?.incidents ?? [], incidents),
      userKills: mergedUserKills(earlier?.userKills ?? [], userKillsOf(kills)),
      pods: mergedPods(earlier?.pods, pods),
    },
  ]);
}

/** All incidents and kills by user space of all runs, the newest first. */
export function newestFirst(runs: readonly Run[]): Seen[] {
  return runs
    .flatMap(({ session, incidents, userKills, pods }) => {
      const key = (id: string) => `${bootKey(session)}/${id}`;
      const byKernel = incidents.map((incident): Seen => ({ key: key(incident.id), incident, session, pods }));
      if (userKills.length === 0) return byKernel;
      const byUser = userKills.map((userKill): Seen => ({ key: key(userKill.id), userKill, session, pods }));
      return [...byKernel, ...byUser].sort((a, b) => startUsOf(a) - startUsOf(b));
    })
    .reverse();
}

export function isUserKill(seen: Seen): seen is SeenUserKill {
  return 'userKill' in seen;
}

export function startUsOf(seen: Seen): number {
  return isUserKill(seen) ? seen.userKill.startUs : seen.incident.startUs;
}

/** The model shares its list as long as no step was added. */
const foldedKills = new WeakMap<readonly KillEvent[], readonly UserKill[]>();

function userKillsOf(kills: readonly KillEvent[]): readonly UserKill[] {
  const known = foldedKills.get(kills);
  if (known !== undefined) return known;
  const folded = userKills(kills);
  foldedKills.set(kills, folded);
  return folded;
}

function mergedUserKills(seen: readonly UserKill[], now: readonly UserKill[]): readonly UserKill[] {
  if (seen === now || seen.length === 0) return now;
  const known = new Map(seen.flatMap((kill) => kill.targets.map((target) => [hitId(target), kill])));
  // A model that has forgotten the sending knows the steps that are left as several: they are the one that was seen.
  const again = new Map(seen.map((kill) => [kill, kill]));
  const onlyNow = now.filter((kill) => {
    const before = kill.targets.map((target) => known.get(hitId(target))).find((found) => found !== undefined);
    if (before !== undefined) again.set(before, fullerDeed(kill, again.get(before) ?? before));
    return before === undefined;
  });
  return [...again.values(), ...onlyNow].sort((a, b) => a.startUs - b.startUs).slice(-MAX_INCIDENTS);
}

function hitId({ process, steps }: UserKillTarget): string {
  return `${steps[0]?.killUs} ${process.pid}`;
}

/** Of a deed that hit many the model may have forgotten the first, after which it is named. */
function fullerDeed(now: UserKill, seen: UserKill): UserKill {
  if (now.id === seen.id) return now;
  const targets = new Map(seen.targets.map((target) => [hitId(target), target]));
  for (const target of now.targets) {
    const known = targets.get(hitId(target))?.steps ?? [];
    const forgotten = known.filter(({ step }) => !target.steps.some((other) => other.step === step));
    targets.set(hitId(target), { ...target, steps: [...forgotten, ...target.steps] });
  }
  return { ...seen, targets: [...targets.values()] };
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
    .filter((run, index) => index === 0 || run.incidents.length > 0 || run.userKills.length > 0)
    .reverse();
}
