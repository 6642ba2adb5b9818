import type { ContainerIdentity, IdentityEvent, PodLabels } from '../events/identity.js';
import { integer, nullableInteger, present } from './check.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeIdentity(event: IdentityEvent): Uint8Array {
  const { podUid, namespace, pod, gone, unnamed } = event;
  const containers = event.containers.map((container) => ({ ...container }));
  const labels = event.labels && { kept: [...event.labels.kept], leftOut: event.labels.leftOut };
  return v1.Identity.encode({ podUid, namespace, pod, gone, containers, labels, unnamed }).finish();
}

export function decodeIdentity(tUs: number, payload: Uint8Array): IdentityEvent {
  const wire = v1.Identity.decode(payload);
  return {
    topic: '/identity',
    tUs,
    podUid: wire.podUid,
    namespace: wire.namespace ?? null,
    pod: wire.pod ?? null,
    containers: wire.containers.map(containerFromWire),
    labels: wire.labels ? labelsFromWire(wire.labels) : null,
    gone: wire.gone,
    unnamed: wire.unnamed ?? null,
  };
}

function containerFromWire(wire: oomscope.v1.ContainerIdentity.$Properties): ContainerIdentity {
  return {
    id: present(wire.id, 'id'),
    name: wire.name ?? null,
    image: wire.image ?? null,
    memoryLimitBytes: nullableInteger(wire.memoryLimitBytes),
  };
}

function labelsFromWire({ kept, leftOut }: oomscope.v1.PodLabels.$Properties): PodLabels {
  const labels = (kept ?? []).map(({ name, value }) => ({
    name: present(name, 'name'),
    value: present(value, 'value'),
  }));
  return { kept: labels, leftOut: integer(leftOut) };
}
