import type { EpisodeEvent } from '../events/episode.js';
import type { OomscopeEvent } from '../events/event.js';
import type { LossEvent } from '../events/loss.js';
import type { VictimEvent } from '../events/victim.js';
import { foldMemory, initialMemoryState } from './memory-state.js';
import type { Incident, IncidentVictim, Model } from './model.js';
import { NO_PODS, withPod } from './pods.js';

/** How many incidents the model keeps, and how many candidates in all of them: about 60 MB of memory at most. */
export const MAX_INCIDENTS = 1_000;
export const MAX_CANDIDATES = 200_000;
/** How many steps of kills by user space the model keeps. */
const MAX_KILL_STEPS = 2_000;

export const initialModel: Model = {
  session: null,
  incidents: [],
  kills: [],
  pods: NO_PODS,
  lost: {},
  memory: initialMemoryState,
  nowUs: null,
};

/** The model after one more event. Pure: what did not change is shared with `model`. */
export function applyEvent(model: Model, event: OomscopeEvent): Model {
  return applyEvents(model, [event]);
}

/** The model after these events. Cheaper than one by one: maps of cgroups are copied once. */
export function applyEvents(model: Model, events: readonly OomscopeEvent[]): Model {
  const memory = foldMemory(model.memory, events);
  const next = events.reduce(applyToKills, model);
  return memory === model.memory ? next : { ...next, memory };
}

function applyToKills(model: Model, event: OomscopeEvent): Model {
  const next = { ...model, nowUs: model.nowUs === null ? event.tUs : Math.max(model.nowUs, event.tUs) };
  switch (event.topic) {
    case '/session':
      return { ...next, session: event };
    case '/oom/episode':
      return { ...next, incidents: withEpisode(model.incidents, event) };
    case '/oom/victim':
      return { ...next, incidents: withVictim(model.incidents, event) };
    case '/kill':
      return { ...next, kills: [...model.kills, event].slice(-MAX_KILL_STEPS) };
    case '/identity':
      return { ...next, pods: withPod(model.pods, event) };
    case '/loss':
      return { ...next, lost: withLoss(model.lost, event) };
    default:
      // The rest is about memory.
      return next;
  }
}

/** The id of an episode's incident. */
export function episodeIncidentId(episodeUs: number): string {
  return String(episodeUs);
}

/** The incident that an event of a victim belongs to. Looked up from the newest: thread ids come again. */
export function findVictimIncident(incidents: readonly Incident[], event: VictimEvent): Incident | undefined {
  if (event.episodeUs !== null) {
    const id = episodeIncidentId(event.episodeUs);
    return incidents.findLast((incident) => incident.id === id);
  }
  // A mark without an episode begins an incident of its own: found only by its very id, once it is there.
  if (event.step === 'marked') return incidents.findLast((incident) => incident.id === lonelyId(event));
  return incidents.findLast((incident) => incident.victims.some((victim) => isSame(victim, event)));
}

/** Somebody was killed by it, or may have been. Episodes that killed nobody are many while a victim is dying. */
export function isKill(incident: Incident): boolean {
  const { episode } = incident;
  return episode === null || episode.choice !== null || episode.outcome === 'killed';
}

function withEpisode(incidents: readonly Incident[], episode: EpisodeEvent): readonly Incident[] {
  const id = episodeIncidentId(episode.episodeUs);
  const index = incidents.findLastIndex((incident) => incident.id === id);
  const begun = incidents[index];
  // Marks and exits are emitted as they happen, so they stand before the episode that caused them.
  if (begun !== undefined) return bounded(incidents.with(index, { ...begun, startUs: episode.episodeUs, episode }));
  return appended(incidents, { id, startUs: episode.episodeUs, episode, victims: [] });
}

function withVictim(incidents: readonly Incident[], event: VictimEvent): readonly Incident[] {
  const found = findVictimIncident(incidents, event);
  if (found !== undefined) {
    return incidents.with(incidents.lastIndexOf(found), { ...found, victims: withStep(found.victims, event) });
  }
  const id = event.episodeUs === null ? lonelyId(event) : episodeIncidentId(event.episodeUs);
  const startUs = event.episodeUs ?? event.tUs;
  // The aftermath of an incident that is no longer kept does not bring it back.
  if (event.step !== 'marked' && incidents.length >= MAX_INCIDENTS && startUs < (incidents[0]?.startUs ?? 0)) {
    return incidents;
  }
  return appended(incidents, { id, startUs, episode: null, victims: [{ tid: event.tid, steps: [event] }] });
}

function withStep(victims: readonly IncidentVictim[], event: VictimEvent): readonly IncidentVictim[] {
  const index = victims.findIndex((victim) => isSame(victim, event));
  const victim = victims[index];
  if (victim === undefined) return [...victims, { tid: event.tid, steps: [event] }];
  return victims.with(index, { ...victim, steps: [...victim.steps, event] });
}

/** The same thread id, and not provably another process. */
function isSame(victim: IncidentVictim, event: VictimEvent): boolean {
  if (victim.tid !== event.tid) return false;
  const start = event.process?.startUs ?? null;
  return victim.steps.every((step) => {
    const known = step.process?.startUs ?? null;
    return start === null || known === null || start === known;
  });
}

function lonelyId(event: VictimEvent): string {
  return `v${event.tUs}-${event.tid}`;
}

function appended(incidents: readonly Incident[], incident: Incident): readonly Incident[] {
  return bounded([...incidents, incident]);
}

/** Drops incidents until the bounds hold; the newest is kept whatever its size. */
function bounded(incidents: readonly Incident[]): readonly Incident[] {
  let kept = incidents;
  let candidates = kept.reduce((sum, incident) => sum + ballotSize(incident), 0);
  while (kept.length > 1 && (kept.length > MAX_INCIDENTS || candidates > MAX_CANDIDATES)) {
    // What killed nobody goes first: a flood of it must not push a kill out.
    const harmless = kept.findIndex((incident) => !isKill(incident));
    const index = harmless < 0 || harmless === kept.length - 1 ? 0 : harmless;
    candidates -= ballotSize(kept[index]);
    kept = kept.toSpliced(index, 1);
  }
  return kept;
}

function ballotSize(incident: Incident | undefined): number {
  return incident?.episode?.candidates.length ?? 0;
}

function withLoss(lost: Model['lost'], event: LossEvent): Model['lost'] {
  return { ...lost, [event.where]: (lost[event.where] ?? 0) + event.count };
}
