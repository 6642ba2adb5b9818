import type { LossEvent } from '../events/loss.js';
import { integer } from './check.js';
import { lossPlace } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeLoss(event: LossEvent): Uint8Array {
  return v1.Loss.encode({
    where: lossPlace.toWire(event.where),
    count: event.count,
    meaning: event.meaning,
  }).finish();
}

export function decodeLoss(tUs: number, payload: Uint8Array): LossEvent {
  const wire = v1.Loss.decode(payload);
  return {
    topic: '/loss',
    tUs,
    where: lossPlace.fromWire(wire.where),
    count: integer(wire.count),
    meaning: wire.meaning,
  };
}
