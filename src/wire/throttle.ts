import type { CgroupThrottle, ThrottleEvent } from '../events/throttle.js';
import { type Columns, fromColumns, toColumns } from './columns.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

const COLUMNS: Columns<CgroupThrottle> = { id: 'plain', spanUs: 'plain', sleeps: 'plain', sleepUs: 'plain' };

export function encodeThrottle(event: ThrottleEvent): Uint8Array {
  return v1.Throttle.encode({ cgroups: toColumns(COLUMNS, event.cgroups) }).finish();
}

export function decodeThrottle(tUs: number, payload: Uint8Array): ThrottleEvent {
  return { topic: '/throttle', tUs, cgroups: fromColumns(COLUMNS, v1.Throttle.decode(payload).cgroups) };
}
