import { useMemo, useRef } from 'preact/hooks';
import type { Culprit } from '../../../src/model/culprit.js';
import { incidentKube, type KubeFacts } from '../../../src/model/kube-facts.js';
import { type Told, withTold } from '../../../src/model/kube-told.js';
import type { Model } from '../../../src/model/model.js';
import type { SeenIncident } from '../state/runs.js';

/** Of one boot: times are counted from there. */
export interface Remembered {
  readonly bootId: string | null;
  readonly told: Told;
}

/** What the API server told around the kills: the model has what was told last alone, and by then a pod may be gone. */
export function useTold(model: Model): Told {
  const remembered = useRef<Remembered>({ bootId: null, told: [] });
  remembered.current = remember(remembered.current, model);
  return remembered.current.told;
}

/** With what the model has now; the same where that is nothing new. */
export function remember(known: Remembered, { session, kube, incidents, kills, nowUs }: Model): Remembered {
  // The past is still coming in, after a connection was lost or a jump.
  if (session === null || nowUs === null) return known;
  const { bootId } = session;
  const isSame = known.bootId === bootId;
  if (isSame && (known.told.length === 0 ? kube === null : kube === known.told.at(-1))) return known;
  // A replay that went back has not been told yet what comes then. A server that was started anew has not been told at all.
  const past = isSame ? known.told.filter(({ tUs }) => tUs <= nowUs) : [];
  if (kube === null) return isSame && past.length === known.told.length ? known : { bootId, told: past };
  const before = past.filter(({ tUs }) => tUs < kube.tUs);
  const times = [...incidents.map(({ startUs }) => startUs), ...kills.map(({ killUs }) => killUs)];
  return { bootId, told: withTold(before, kube, (fromUs, toUs) => times.some((tUs) => tUs >= fromUs && tUs < toUs)) };
}

/** What of it belongs to the incident that is shown. */
export function useKube(
  { incident, session, pods }: SeenIncident,
  culprit: Culprit,
  { model, told }: { readonly model: Model; readonly told: Told },
): KubeFacts {
  const isOfThisBoot = model.session?.bootId === session.bootId;
  return useMemo(
    () => incidentKube(incident, culprit, { told: isOfThisBoot ? told : [], pods, session }),
    [incident, culprit, isOfThisBoot, told, pods, session],
  );
}
