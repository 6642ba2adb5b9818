import type { EpisodeEvent } from '../events/episode.js';
import type { VictimEvent } from '../events/victim.js';
import type { Incident, IncidentVictim } from './model.js';

/** How many incidents the model keeps, and how many candidates in all of them: about 60 MB of memory at most. */
export const MAX_INCIDENTS = 1_000;
export const MAX_CANDIDATES = 200_000;

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

/**
 * The incidents while events are folded into them, in an array of their own. Each is replaced, never changed: the model before has
 * it too. A keyframe brings a thousand at once, so nothing here goes through all of them for each event.
 */
export class IncidentList {
  readonly incidents: Incident[];
  /** In all ballots. */
  #candidates = 0;
  /** None begins later. */
  #latestUs = Number.NEGATIVE_INFINITY;

  constructor(before: readonly Incident[]) {
    this.incidents = [...before];
    for (const incident of before) {
      this.#candidates += ballotSize(incident);
      this.#latestUs = Math.max(this.#latestUs, incident.startUs);
    }
  }

  addEpisode(episode: EpisodeEvent): void {
    const id = episodeIncidentId(episode.episodeUs);
    const index = this.#isLater(episode.episodeUs) ? -1 : this.incidents.findLastIndex((known) => known.id === id);
    const begun = this.incidents[index];
    // Marks and exits are emitted as they happen, so they stand before the episode that caused them.
    if (begun === undefined) this.#append({ id, startUs: episode.episodeUs, episode, victims: [] });
    else this.#replace(index, { ...begun, startUs: episode.episodeUs, episode });
  }

  addStep(event: VictimEvent): void {
    const isNew = event.episodeUs !== null && this.#isLater(event.episodeUs);
    const found = isNew ? undefined : findVictimIncident(this.incidents, event);
    if (found !== undefined) {
      const victims = withStep(found.victims, event);
      this.incidents[this.incidents.lastIndexOf(found)] = { ...found, victims };
      return;
    }
    const id = event.episodeUs === null ? lonelyId(event) : episodeIncidentId(event.episodeUs);
    const startUs = event.episodeUs ?? event.tUs;
    // The aftermath of an incident that is no longer kept does not bring it back.
    const isFull = this.incidents.length >= MAX_INCIDENTS;
    if (event.step !== 'marked' && isFull && startUs < (this.incidents[0]?.startUs ?? 0)) return;
    this.#append({ id, startUs, episode: null, victims: [{ tid: event.tid, steps: [event] }] });
  }

  /** No incident can have begun then: the usual case, since events come in the order of time. */
  #isLater(episodeUs: number): boolean {
    return episodeUs > this.#latestUs;
  }

  #append(incident: Incident): void {
    this.incidents.push(incident);
    this.#candidates += ballotSize(incident);
    this.#latestUs = Math.max(this.#latestUs, incident.startUs);
    this.#bound();
  }

  #replace(index: number, incident: Incident): void {
    this.#candidates += ballotSize(incident) - ballotSize(this.incidents[index]);
    this.incidents[index] = incident;
    this.#bound();
  }

  /** Drops incidents until the bounds hold; the newest is kept whatever its size. */
  #bound(): void {
    const { incidents } = this;
    while (incidents.length > 1 && (incidents.length > MAX_INCIDENTS || this.#candidates > MAX_CANDIDATES)) {
      // What killed nobody goes first: a flood of it must not push a kill out.
      const harmless = incidents.findIndex((incident) => !isKill(incident));
      const index = harmless < 0 || harmless === incidents.length - 1 ? 0 : harmless;
      this.#candidates -= ballotSize(incidents[index]);
      incidents.splice(index, 1);
    }
  }
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

function ballotSize(incident: Incident | undefined): number {
  return incident?.episode?.candidates.length ?? 0;
}
