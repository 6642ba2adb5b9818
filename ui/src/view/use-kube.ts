import { useMemo } from 'preact/hooks';
import type { Culprit } from '../../../src/model/culprit.js';
import { incidentKube, type KubeFacts } from '../../../src/model/kube-facts.js';
import type { Model } from '../../../src/model/model.js';
import type { SeenIncident } from '../state/runs.js';

/** What the API server told that belongs to the incident that is shown. */
export function useKube(
  { incident, session, pods }: SeenIncident,
  culprit: Culprit,
  { session: now, told }: Model,
): KubeFacts {
  const isOfThisBoot = now?.bootId === session.bootId;
  return useMemo(
    () => incidentKube(incident, culprit, { told: isOfThisBoot ? told : [], pods, session }),
    [incident, culprit, isOfThisBoot, told, pods, session],
  );
}
