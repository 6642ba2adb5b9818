import type { CgroupPressure, PressureEvent } from '../events/pressure.js';
import { integer } from './check.js';
import { type Columns, fromColumns, toColumns } from './columns.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

const COLUMNS: Columns<CgroupPressure> = {
  id: 'plain',
  spanUs: 'plain',
  someUs: 'amount',
  fullUs: 'amount',
  stallUs: 'amount',
  stalls: 'amount',
};

export function encodePressure(event: PressureEvent): Uint8Array {
  return v1.Pressure.encode({ node: event.node, cgroups: toColumns(COLUMNS, event.cgroups) }).finish();
}

export function decodePressure(tUs: number, payload: Uint8Array): PressureEvent {
  const { node, cgroups } = v1.Pressure.decode(payload);
  return {
    topic: '/pressure',
    tUs,
    node: node ? { spanUs: integer(node.spanUs), someUs: integer(node.someUs), fullUs: integer(node.fullUs) } : null,
    cgroups: fromColumns(COLUMNS, cgroups),
  };
}
