import type { OomscopeEvent } from './event.js';

/**
 * Of a state, as a replay gives it where files have a gap: what was not told yet, being later than `lastUs`; such as
 * kills that stand in the gap. Before the first event (null) the session alone. Losses stand in a state as totals, so
 * they would be counted twice.
 */
export function untoldEvents(state: readonly OomscopeEvent[], lastUs: number | null): readonly OomscopeEvent[] {
  return state.filter(({ topic, tUs }) => topic !== '/loss' && (lastUs === null ? topic === '/session' : tUs > lastUs));
}
