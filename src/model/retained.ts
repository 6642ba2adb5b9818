import type { OomscopeEvent } from '../events/event.js';
import type { LossEvent } from '../events/loss.js';
import { retainedMemory } from './memory-state.js';
import type { Model } from './model.js';

/**
 * The events that the model still holds, oldest first: folded from the start they give this very model. It is what a
 * keyframe of a trace file carries, so a new part of the model is complete only when its events come out here.
 *
 * The order is that of their times. Where times are equal it is the model's own, which is good enough: what an event
 * is matched with depends only on events before it, and those are kept together with it.
 */
export function retainedEvents(model: Model): OomscopeEvent[] {
  const events: OomscopeEvent[] = model.session === null ? [] : [model.session];
  for (const { episode, victims } of model.incidents) {
    for (const victim of victims) events.push(...victim.steps);
    if (episode !== null) events.push(episode);
  }
  events.push(...model.kills);
  events.push(...retainedMemory(model.memory));
  events.push(...model.pods.values());
  events.push(...model.told);
  events.sort((a, b) => a.tUs - b.tUs);
  // The totals are of all time, so they stand at its end; with them the newest time is kept too.
  return [...events, ...totalLosses(model)];
}

function totalLosses(model: Model): LossEvent[] {
  const places = Object.keys(model.lost) as LossEvent['where'][];
  return places.map((where) => ({
    topic: '/loss',
    tUs: model.nowUs ?? 0,
    where,
    count: model.lost[where] ?? 0,
    meaning: 'all that was lost there before this moment',
  }));
}
