import type { OomscopeEvent } from '../events/event.js';

/** Somebody was killed, as far as one event alone tells: an episode's end, or a mark that has no episode. */
export function isKillEvent(event: OomscopeEvent): boolean {
  if (event.topic === '/oom/episode') return event.choice !== null || event.outcome === 'killed';
  return event.topic === '/oom/victim' && event.step === 'marked' && event.episodeUs === null;
}
