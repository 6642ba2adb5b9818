import type { CgroupStat, MemoryEventCounts, MemoryStatEvent } from '../events/memory-stat.js';
import { type Columns, fromColumns, toColumns } from './columns.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

const STAT_COLUMNS: Columns<CgroupStat> = {
  id: 'plain',
  anonBytes: 'amount',
  fileBytes: 'amount',
  activeFileBytes: 'amount',
  inactiveFileBytes: 'amount',
  mappedFileBytes: 'amount',
  dirtyFileBytes: 'amount',
  writebackFileBytes: 'amount',
  shmemBytes: 'amount',
  kernelBytes: 'amount',
  slabReclaimableBytes: 'amount',
  slabUnreclaimableBytes: 'amount',
  pageTableBytes: 'amount',
  sockBytes: 'amount',
  unevictableBytes: 'amount',
  swapBytes: 'amount',
  zswapBytes: 'amount',
  workingSetBytes: 'amount',
};

const COUNT_COLUMNS: Columns<MemoryEventCounts> = {
  id: 'plain',
  low: 'amount',
  high: 'amount',
  max: 'amount',
  oom: 'amount',
  oomKill: 'amount',
  oomGroupKill: 'amount',
};

export function encodeMemoryStat(event: MemoryStatEvent): Uint8Array {
  return v1.MemoryStat.encode({
    cgroups: toColumns(STAT_COLUMNS, event.cgroups),
    events: event.events && toColumns(COUNT_COLUMNS, event.events),
    eventsLocal: event.eventsLocal && toColumns(COUNT_COLUMNS, event.eventsLocal),
  }).finish();
}

export function decodeMemoryStat(tUs: number, payload: Uint8Array): MemoryStatEvent {
  const wire = v1.MemoryStat.decode(payload);
  return {
    topic: '/memory/stat',
    tUs,
    cgroups: fromColumns(STAT_COLUMNS, wire.cgroups),
    events: wire.events ? fromColumns(COUNT_COLUMNS, wire.events) : null,
    eventsLocal: wire.eventsLocal ? fromColumns(COUNT_COLUMNS, wire.eventsLocal) : null,
  };
}
