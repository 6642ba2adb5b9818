import type { CgroupSample, MemorySampleEvent } from '../events/memory-sample.js';
import { integer } from './check.js';
import { type Columns, fromColumns, toColumns } from './columns.js';
import { sampleKind } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

const COLUMNS: Columns<CgroupSample> = {
  id: 'plain',
  usageBytes: 'amount',
  swapBytes: 'amount',
  maxBytes: 'limit',
  highBytes: 'limit',
  lowBytes: 'limit',
  minBytes: 'limit',
};

export function encodeMemorySample(event: MemorySampleEvent): Uint8Array {
  return v1.MemorySample.encode({
    kind: sampleKind.toWire(event.kind),
    intervalUs: event.intervalUs,
    cgroupsRead: event.cgroupsRead,
    cgroups: toColumns(COLUMNS, event.cgroups),
  }).finish();
}

export function decodeMemorySample(tUs: number, payload: Uint8Array): MemorySampleEvent {
  const wire = v1.MemorySample.decode(payload);
  return {
    topic: '/memory/sample',
    tUs,
    kind: sampleKind.fromWire(wire.kind),
    intervalUs: integer(wire.intervalUs),
    cgroupsRead: integer(wire.cgroupsRead),
    cgroups: fromColumns(COLUMNS, wire.cgroups),
  };
}
