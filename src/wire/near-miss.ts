import type { NearMissEvent } from '../events/near-miss.js';
import { integer, nullableInteger } from './check.js';
import { nearMissKind } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeNearMiss(event: NearMissEvent): Uint8Array {
  return v1.NearMiss.encode({
    cgroupId: event.cgroupId,
    what: nearMissKind.toWire(event.what),
    spanUs: event.spanUs,
    count: event.count,
    throttledUs: event.throttledUs,
  }).finish();
}

export function decodeNearMiss(tUs: number, payload: Uint8Array): NearMissEvent {
  const wire = v1.NearMiss.decode(payload);
  return {
    topic: '/near-miss',
    tUs,
    cgroupId: nullableInteger(wire.cgroupId),
    what: nearMissKind.fromWire(wire.what),
    spanUs: integer(wire.spanUs),
    count: integer(wire.count),
    throttledUs: nullableInteger(wire.throttledUs),
  };
}
