import type { CgroupEvent } from '../events/cgroup-life.js';
import { integer } from './check.js';
import { cgroupChange } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeCgroupLife(event: CgroupEvent): Uint8Array {
  return v1.CgroupLife.encode({
    change: cgroupChange.toWire(event.change),
    id: event.id,
    path: event.path,
    level: event.level,
  }).finish();
}

export function decodeCgroupLife(tUs: number, payload: Uint8Array): CgroupEvent {
  const wire = v1.CgroupLife.decode(payload);
  return {
    topic: '/cgroup',
    tUs,
    change: cgroupChange.fromWire(wire.change),
    id: integer(wire.id),
    path: wire.path ?? null,
    level: integer(wire.level),
  };
}
