import type { ContainerIdentity, IdentityEvent } from '../events/identity.js';
import { present } from './check.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeIdentity(event: IdentityEvent): Uint8Array {
  const { podUid, namespace, pod, gone } = event;
  const containers = event.containers.map((container) => ({ ...container }));
  return v1.Identity.encode({ podUid, namespace, pod, gone, containers }).finish();
}

export function decodeIdentity(tUs: number, payload: Uint8Array): IdentityEvent {
  const { podUid, namespace, pod, gone, containers } = v1.Identity.decode(payload);
  return { topic: '/identity', tUs, podUid, namespace, pod, containers: containers.map(containerFromWire), gone };
}

function containerFromWire(wire: oomscope.v1.ContainerIdentity.$Properties): ContainerIdentity {
  return { id: present(wire.id, 'id'), name: present(wire.name, 'name'), image: wire.image ?? null };
}
