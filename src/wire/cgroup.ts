import type { CgroupMemory } from '../events/cgroup.js';
import { badMessage, integer, nullableInteger } from './check.js';
import { NullableFields, nullFields } from './nulls.js';
import type { oomscope } from './proto.js';

type WireCgroup = oomscope.v1.CgroupMemory.$Properties;
type WireLimit = oomscope.v1.Limit.$Properties;
type Limit = number | 'max' | null;

function limitToWire(limit: Limit): WireLimit | null {
  if (limit === null) return null;
  return limit === 'max' ? { unlimited: true } : { bytes: limit };
}

function limitFromWire(wire: WireLimit | null | undefined): Limit {
  if (wire === null || wire === undefined) return null;
  if (wire.unlimited === true) return 'max';
  if (wire.bytes === null || wire.bytes === undefined) throw badMessage('a limit is neither a number nor "max"');
  return integer(wire.bytes);
}

export function cgroupToWire(cgroup: CgroupMemory): WireCgroup {
  return {
    id: cgroup.id,
    path: cgroup.path,
    pathTruncated: cgroup.pathTruncated,
    level: cgroup.level,
    usageBytes: cgroup.usageBytes,
    max: limitToWire(cgroup.maxBytes),
    high: limitToWire(cgroup.highBytes),
    swapBytes: cgroup.swapBytes,
    swapMax: limitToWire(cgroup.swapMaxBytes),
    swapIsMemsw: cgroup.swapIsMemsw,
    oomGroup: cgroup.oomGroup,
    nulls: nullFields({ 1: cgroup.id, 4: cgroup.level, 11: cgroup.oomGroup }),
  };
}

export function cgroupFromWire(wire: WireCgroup): CgroupMemory {
  const fields = new NullableFields(wire.nulls);
  return {
    id: fields.integerOrNull(1, wire.id),
    path: wire.path ?? null,
    pathTruncated: wire.pathTruncated === true,
    level: fields.integerOrNull(4, wire.level),
    usageBytes: nullableInteger(wire.usageBytes),
    maxBytes: limitFromWire(wire.max),
    highBytes: limitFromWire(wire.high),
    swapBytes: nullableInteger(wire.swapBytes),
    swapMaxBytes: limitFromWire(wire.swapMax),
    swapIsMemsw: wire.swapIsMemsw === true,
    oomGroup: fields.valueOrNull(11, wire.oomGroup === true),
  };
}
