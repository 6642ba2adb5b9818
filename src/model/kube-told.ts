import type { KubeEvent } from '../events/kube.js';

/** What the API server told, oldest first; the last is the newest. Of one boot. */
export type Told = readonly KubeEvent[];

/** More kills than these, each under words of its own, are no longer told with them. */
const MAX_TOLD = 20;

/**
 * With one more. Of those before, what kills happened under stays, and what was told first after them: a pod may be gone from
 * the next. `hasKill`: whether there was one from the first to just before the second time.
 */
export function withTold(told: Told, event: KubeEvent, hasKill: (fromUs: number, toUs: number) => boolean): Told {
  const newest = told.at(-1);
  if (newest === undefined) return [event];
  const kept = told.slice(0, -1);
  const belongs = hasKill(kept.at(-1)?.tUs ?? Number.NEGATIVE_INFINITY, event.tUs);
  return [...kept, ...(belongs ? [newest] : []), event].slice(-MAX_TOLD);
}
