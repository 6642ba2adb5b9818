import type { OomscopeEvent } from '../../events/event.js';
import type { SessionEvent } from '../../events/session.js';
import { AFTER_KILL_US, type AroundKill, aroundKill, BEFORE_KILL_US, NOTHING_AROUND } from '../../model/around-kill.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import type { MemoryTrack } from '../../model/growth.js';
import { isKill } from '../../model/incidents.js';
import type { Told } from '../../model/kube-told.js';
import type { Incident, Model } from '../../model/model.js';
import type { Pods } from '../../model/pods.js';
import { NODE_ID } from '../../model/series/fields.js';
import { SeriesStore } from '../../model/series/series.js';
import { tracksOf } from '../../model/tracks.js';
import { type KubeletMemory, kubeletMemoryAt, type UserKill, userKills } from '../../model/user-kill.js';

/** One kill by the kernel with all that is known around it. */
export interface Case extends AroundKill {
  readonly incident: Incident;
  readonly session: SessionEvent | null;
  /** All incidents of the record. */
  readonly incidents: readonly Incident[];
  /** Names of pods and containers. */
  readonly pods?: Pods;
  /** What the API server told around the kills; left out = nothing. */
  readonly told?: Told;
}

/** One kill by user space. */
export interface UserCase {
  readonly kill: UserKill;
  readonly session: SessionEvent | null;
  /** Null = not recorded. */
  readonly memory: KubeletMemory | null;
  readonly pods?: Pods;
  readonly told?: Told;
}

/** A kill, or that there was nobody to kill: not the many episodes that only waited for a dying victim. */
function isWorthAWord(incident: Incident): boolean {
  const outcome = incident.episode?.outcome;
  return isKill(incident) || outcome === 'no-candidate' || outcome === 'panic';
}

/** Folds events and keeps, of each kill, the timelines around it: later they would be coarse, or gone. */
export class CaseCollector {
  #model: Model = initialModel;
  readonly #series = new SeriesStore();
  /** Kills whose aftermath is still being told. */
  #open: { readonly id: string; readonly startUs: number }[] = [];
  readonly #around = new Map<string, AroundKill>();
  readonly #seen = new Set<string>();
  /** What kubelet saw when a kill by user space began, by its time. */
  readonly #available = new Map<number, number>();

  /** A state as a replay tells it, at the beginning or after a gap. */
  know(state: readonly OomscopeEvent[]): void {
    this.#closeBefore(Number.POSITIVE_INFINITY);
    this.#series.clear();
    this.#model = applyEvents(initialModel, state);
    for (const event of state) this.#series.apply(event);
    this.#notice(state);
  }

  write(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      this.#closeBefore(event.tUs - AFTER_KILL_US);
      this.#series.apply(event);
      this.#model = applyEvents(this.#model, [event]);
      this.#notice([event]);
    }
  }

  /** Oldest first; kills of which nothing but their victims is known as well. */
  cases(): Case[] {
    this.#closeBefore(Number.POSITIVE_INFINITY);
    const { incidents, session, pods, told } = this.#model;
    return incidents.filter(isWorthAWord).map((incident) => ({
      ...(this.#around.get(incident.id) ?? NOTHING_AROUND),
      ...{ incident, session, incidents, pods, told },
    }));
  }

  /** The timelines up to the end of the record, for what can be said where nobody was killed. */
  tracks(): MemoryTrack[] {
    const nowUs = this.#model.nowUs ?? 0;
    return tracksOf(this.#series, this.#model.memory, nowUs - BEFORE_KILL_US, nowUs);
  }

  get session(): SessionEvent | null {
    return this.#model.session;
  }

  userCases(): UserCase[] {
    const { kills, session, pods, told } = this.#model;
    return userKills(kills).map((kill) => {
      const memory = kubeletMemoryAt(this.#available.get(kill.startUs) ?? null, session?.eviction);
      return { kill, session, memory, pods, told };
    });
  }

  #notice(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      if (event.topic === '/kill') this.#noteAvailable(event.killUs);
      if (event.topic !== '/oom/episode' || event.choice === null) continue;
      const id = String(event.episodeUs);
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.#open.push({ id, startUs: event.episodeUs });
    }
  }

  /** Before the signal: a moment later its memory may be back. */
  #noteAvailable(killUs: number): void {
    const bytes = this.#series.valueAt('node', NODE_ID, 'kubeletAvailableBytes', killUs - 1);
    if (bytes !== null && !this.#available.has(killUs)) this.#available.set(killUs, bytes);
  }

  #closeBefore(startUs: number): void {
    while ((this.#open[0]?.startUs ?? Number.POSITIVE_INFINITY) < startUs) {
      const [kill] = this.#open.splice(0, 1);
      const incident = this.#model.incidents.findLast(({ id }) => id === kill?.id);
      if (incident !== undefined) this.#around.set(incident.id, aroundKill(this.#series, this.#model.memory, incident));
    }
  }
}
