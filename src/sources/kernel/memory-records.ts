import type { CgroupChange } from '../../events/cgroup-life.js';
import { enums, structs } from '../../events/layout.gen.js';
import type { CgroupSample } from '../../events/memory-sample.js';
import { RecordReader } from './record-reader.js';

/** Records of memory over time. What grows is told as it stands: differences are for who knows the last reading. */
export type MemoryRecordBody =
  | CgroupLifeRecordBody
  | SampleRecordBody
  | StatRecordBody
  | PressureRecordBody
  | NodeRecordBody;

export interface CgroupLifeRecordBody {
  readonly kind: 'cgroup-life';
  readonly change: CgroupChange;
  readonly id: number;
  readonly level: number;
  /** Null = longer than the kernel side keeps. */
  readonly path: string | null;
}

export interface SampleRecordBody {
  readonly kind: 'sample';
  readonly full: boolean;
  readonly intervalUs: number;
  readonly cgroupsRead: number;
  /** The walk had no room for so many. */
  readonly cgroupsRefused: number;
  readonly cgroups: readonly CgroupSample[];
  /** Ticks that were due before this one and did not come; the tick before them, and how far apart they should have been. */
  readonly ticksMissed: number;
  readonly beforeUs: number;
  readonly beforeIntervalUs: number;
}

/** By the numbers of an enum of bpf/events.h; null = not read. */
export type FieldValues = readonly (number | null)[];

export interface StatRecordBody {
  readonly kind: 'stat';
  /** By stat_field. */
  readonly cgroups: readonly { readonly id: number; readonly values: FieldValues }[];
}

export interface NodeRecordBody {
  readonly kind: 'node';
  /** By node_field. */
  readonly values: FieldValues;
}

export interface PressureSums {
  readonly id: number;
  readonly stallUs: number;
  readonly stalls: number;
  readonly reclaimUs: number;
  readonly reclaims: number;
  readonly askedBytes: number;
  readonly freedBytes: number;
  readonly throttleUs: number;
  readonly throttles: number;
  readonly latencyCounts: readonly number[];
}

export interface PressureRecordBody {
  readonly kind: 'pressure';
  readonly cgroups: readonly PressureSums[];
}

const CHANGES: readonly (readonly [number, CgroupChange])[] = [
  [enums.cgroup_change.CGROUP_APPEARED, 'appeared'],
  [enums.cgroup_change.CGROUP_VANISHED, 'vanished'],
  [enums.cgroup_change.CGROUP_RENAMED, 'renamed'],
];

export function decodeCgroupLife(reader: RecordReader, sizeBytes: number): CgroupLifeRecordBody | null {
  const at = structs.cgroup_life.at;
  const value = reader.u32(at.change);
  const change = CHANGES.find(([number]) => number === value)?.[1];
  const pathBytes = reader.u32(at.path_bytes);
  if (change === undefined || pathBytes > sizeBytes - at.path) return null;
  const truncated = reader.u32(at.path_truncated) !== 0;
  return {
    kind: 'cgroup-life',
    change,
    id: reader.u64(at.cgroup_id),
    level: reader.u32(at.level),
    path: truncated || pathBytes === 0 ? null : RecordReader.text(reader.bytes(at.path, pathBytes)),
  };
}

export function decodeSample(reader: RecordReader, sizeBytes: number): SampleRecordBody | null {
  const at = structs.sample_record.at;
  const starts = entryStarts(sizeBytes, structs.sample_record.bytes, structs.cgroup_sample.bytes, reader.u32(at.count));
  const kind = reader.u32(at.kind);
  if (starts === null || (kind !== enums.sample_kind.SAMPLE_FULL && kind !== enums.sample_kind.SAMPLE_DELTA))
    return null;
  return {
    kind: 'sample',
    full: kind === enums.sample_kind.SAMPLE_FULL,
    intervalUs: reader.us(at.interval_ns),
    cgroupsRead: reader.u32(at.cgroups_read),
    cgroupsRefused: reader.u32(at.cgroups_refused),
    cgroups: starts.map((start) => decodeCgroupSample(reader, start)),
    ticksMissed: reader.u64(at.ticks_missed),
    beforeUs: reader.us(at.before_ns),
    beforeIntervalUs: reader.us(at.before_interval_ns),
  };
}

function decodeCgroupSample(reader: RecordReader, start: number): CgroupSample {
  const at = structs.cgroup_sample.at;
  const flags = reader.u32(start + at.flags);
  const has = (flag: keyof typeof enums.sample_flags) => (flags & enums.sample_flags[flag]) !== 0;
  const limit = (offset: number, unlimited: keyof typeof enums.sample_flags) =>
    has(unlimited) ? 'max' : reader.pageBytes(start + offset);
  const v2Only = !has('SAMPLE_NO_HIGH_LOW_MIN');
  return {
    id: reader.u64(start + at.cgroup_id),
    usageBytes: reader.pageBytes(start + at.usage_pages),
    swapBytes: has('SAMPLE_NO_SWAP') ? null : reader.pageBytes(start + at.swap_pages),
    maxBytes: limit(at.max_pages, 'SAMPLE_MAX_UNLIMITED'),
    highBytes: v2Only ? limit(at.high_pages, 'SAMPLE_HIGH_UNLIMITED') : null,
    lowBytes: v2Only ? limit(at.low_pages, 'SAMPLE_LOW_UNLIMITED') : null,
    minBytes: v2Only ? limit(at.min_pages, 'SAMPLE_MIN_UNLIMITED') : null,
  };
}

export function decodeStat(reader: RecordReader, sizeBytes: number): StatRecordBody | null {
  const count = reader.u32(structs.stat_record.at.count);
  const starts = entryStarts(sizeBytes, structs.stat_record.bytes, structs.cgroup_stat.bytes, count);
  const at = structs.cgroup_stat.at;
  if (starts === null) return null;
  return {
    kind: 'stat',
    cgroups: starts.map((start) => ({
      id: reader.u64(start + at.cgroup_id),
      values: fieldValues(reader, start + at.present, start + at.values, enums.stat_field.STAT_FIELDS),
    })),
  };
}

export function decodeNode(reader: RecordReader): NodeRecordBody {
  const at = structs.node_record.at;
  return { kind: 'node', values: fieldValues(reader, at.present, at.values, enums.node_field.NODE_FIELDS) };
}

export function decodePressure(reader: RecordReader, sizeBytes: number): PressureRecordBody | null {
  const count = reader.u32(structs.pressure_record.at.count);
  const starts = entryStarts(sizeBytes, structs.pressure_record.bytes, structs.pressure_entry.bytes, count);
  return starts === null ? null : { kind: 'pressure', cgroups: starts.map((start) => decodeSums(reader, start)) };
}

function decodeSums(reader: RecordReader, start: number): PressureSums {
  const at = structs.cgroup_pressure.at;
  const sums = start + structs.pressure_entry.at.pressure;
  const buckets = (structs.cgroup_pressure.bytes - at.latency) / 4;
  return {
    id: reader.u64(start + structs.pressure_entry.at.cgroup_id),
    stallUs: reader.us(sums + at.stall_ns),
    stalls: reader.u64(sums + at.stalls),
    reclaimUs: reader.us(sums + at.reclaim_ns),
    reclaims: reader.u64(sums + at.reclaims),
    askedBytes: reader.pageBytes(sums + at.pages_asked),
    freedBytes: reader.pageBytes(sums + at.pages_freed),
    throttleUs: reader.us(sums + at.throttle_ns),
    throttles: reader.u64(sums + at.throttles),
    latencyCounts: Array.from({ length: buckets }, (_, n) => reader.u32(sums + at.latency + n * 4)),
  };
}

/** Where the entries behind a record's head begin; null = they are not as many as it says. */
function entryStarts(sizeBytes: number, headBytes: number, entryBytes: number, count: number): number[] | null {
  if (sizeBytes !== headBytes + count * entryBytes) return null;
  return Array.from({ length: count }, (_, n) => headBytes + n * entryBytes);
}

function fieldValues(reader: RecordReader, presentAt: number, valuesAt: number, count: number): FieldValues {
  const present = [reader.u32(presentAt), reader.u32(presentAt + 4)];
  return Array.from({ length: count }, (_, n) =>
    (((present[n >>> 5] ?? 0) >>> (n & 31)) & 1) === 1 ? reader.u64(valuesAt + n * 8) : null,
  );
}
