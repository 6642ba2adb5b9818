import type { GapEvent } from '../events/gap.js';
import { integer } from './check.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeGap(event: GapEvent): Uint8Array {
  return v1.Gap.encode({
    fromUs: event.fromUs,
    intervalUs: event.intervalUs,
    ticksMissed: event.ticksMissed,
  }).finish();
}

export function decodeGap(tUs: number, payload: Uint8Array): GapEvent {
  const wire = v1.Gap.decode(payload);
  return {
    topic: '/gap',
    tUs,
    fromUs: integer(wire.fromUs),
    intervalUs: integer(wire.intervalUs),
    ticksMissed: integer(wire.ticksMissed),
  };
}
