import type { OomscopeEvent } from '../events/event.js';
import type { IdentityEvent } from '../events/identity.js';
import type { KillEvent } from '../events/kill.js';
import type { LossEvent } from '../events/loss.js';
import { IncidentList } from './incidents.js';
import { type Told, withTold } from './kube-told.js';
import { foldMemory, initialMemoryState } from './memory-state.js';
import type { Model } from './model.js';
import { NO_PODS, putPod } from './pods.js';

/** How many steps of kills by user space the model keeps. */
const MAX_KILL_STEPS = 2_000;

export const initialModel: Model = {
  session: null,
  incidents: [],
  kills: [],
  pods: NO_PODS,
  told: [],
  lost: {},
  memory: initialMemoryState,
  nowUs: null,
};

/** The model after one more event. Pure: what did not change is shared with `model`. */
export function applyEvent(model: Model, event: OomscopeEvent): Model {
  return applyEvents(model, [event]);
}

/** The model after these events. Cheaper than one by one: what changes is copied once, however many events change it. */
export function applyEvents(model: Model, events: readonly OomscopeEvent[]): Model {
  if (events.length === 0) return model;
  const draft = new Draft(model);
  for (const event of events) draft.apply(event);
  return { ...draft.build(), memory: foldMemory(model.memory, events) };
}

/** A model while events are folded into it. */
class Draft {
  #session: Model['session'];
  #incidents: IncidentList | null = null;
  #kills: KillEvent[] | null = null;
  #pods: Map<string, IdentityEvent> | null = null;
  #told: Told;
  #lost: Partial<Record<LossEvent['where'], number>> | null = null;
  #nowUs: number;

  constructor(private readonly model: Model) {
    this.#session = model.session;
    this.#told = model.told;
    this.#nowUs = model.nowUs ?? Number.NEGATIVE_INFINITY;
  }

  apply(event: OomscopeEvent): void {
    if (event.tUs > this.#nowUs) this.#nowUs = event.tUs;
    switch (event.topic) {
      case '/session':
        this.#session = event;
        break;
      case '/oom/episode':
        this.#ownIncidents().addEpisode(event);
        break;
      case '/oom/victim':
        this.#ownIncidents().addStep(event);
        break;
      case '/kill':
        this.#kills ??= [...this.model.kills];
        this.#kills.push(event);
        break;
      case '/identity':
        this.#pods ??= new Map(this.model.pods);
        putPod(this.#pods, event);
        break;
      case '/kube':
        this.#told = withTold(this.#told, event, (fromUs, toUs) => this.#hasKill(fromUs, toUs));
        break;
      case '/loss':
        this.#lost ??= { ...this.model.lost };
        this.#lost[event.where] = (this.#lost[event.where] ?? 0) + event.count;
        break;
      default:
      // The rest is about memory.
    }
  }

  /** All but the memory. */
  build(): Omit<Model, 'memory'> {
    return {
      session: this.#session,
      incidents: this.#incidents?.incidents ?? this.model.incidents,
      kills: this.#kills?.slice(-MAX_KILL_STEPS) ?? this.model.kills,
      pods: this.#pods ?? this.model.pods,
      told: this.#told,
      lost: this.#lost ?? this.model.lost,
      nowUs: this.#nowUs,
    };
  }

  #hasKill(fromUs: number, toUs: number): boolean {
    const isIn = (tUs: number) => tUs >= fromUs && tUs < toUs;
    const incidents = this.#incidents?.incidents ?? this.model.incidents;
    return (
      incidents.some(({ startUs }) => isIn(startUs)) ||
      (this.#kills ?? this.model.kills).some(({ killUs }) => isIn(killUs))
    );
  }

  #ownIncidents(): IncidentList {
    this.#incidents ??= new IncidentList(this.model.incidents);
    return this.#incidents;
  }
}
