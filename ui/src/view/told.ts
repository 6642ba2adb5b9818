import { useMemo } from 'preact/hooks';
import type { KubeEvent } from '../../../src/events/kube.js';
import type { Culprit } from '../../../src/model/culprit.js';
import { incidentKube, type KubeFacts } from '../../../src/model/kube-facts.js';
import { type Told, withTold } from '../../../src/model/kube-told.js';
import type { Incident, Model } from '../../../src/model/model.js';
import type { UserKill } from '../../../src/model/user-kill.js';
import type { SeenIncident } from '../state/runs.js';

/** By kill: the model has what was told last alone, and by then a pod may be gone. */
const remembered = new WeakMap<Incident | UserKill, Told>();

/** What the API server told around this kill, with what it tells now; null = nothing, or it is of another boot. */
export function toldAround(kill: Incident | UserKill, now: KubeEvent | null): Told {
  const told = remembered.get(kill) ?? [];
  if (now === null || now.tUs <= (told.at(-1)?.tUs ?? Number.NEGATIVE_INFINITY)) return told;
  const { startUs } = kill;
  const next = withTold(told, now, (fromUs, toUs) => startUs >= fromUs && startUs < toUs);
  remembered.set(kill, next);
  return next;
}

/** What of it belongs to the incident that is shown. */
export function useKube({ incident, session, pods }: SeenIncident, culprit: Culprit, model: Model): KubeFacts {
  const isOfThisBoot = model.session?.bootId === session.bootId;
  const told = toldAround(incident, isOfThisBoot ? model.kube : null);
  return useMemo(
    () => incidentKube(incident, culprit, { told, pods, session }),
    [incident, culprit, told, pods, session],
  );
}
