import type { ProcessFacts, ProcessMemory, TriggerFacts } from '../events/process.js';
import { integer, nullableInteger, present } from './check.js';
import { NullableFields, nullFields } from './nulls.js';
import type { oomscope } from './proto.js';

type WireProcess = oomscope.v1.ProcessFacts.$Properties;
type WireMemory = oomscope.v1.ProcessMemory.$Properties;

// The numbers are those of the fields in oomscope.proto.

export function processToWire(process: TriggerFacts): WireProcess {
  return {
    pid: process.pid,
    tid: process.tid,
    uid: process.uid,
    comm: process.comm,
    startUs: process.startUs,
    adj: process.adj,
    cgroupId: process.cgroupId,
    cgroupPath: process.cgroupPath,
    nulls: nullFields({ 1: process.pid, 2: process.tid, 3: process.uid, 6: process.adj }),
  };
}

export function processFromWire(wire: WireProcess): ProcessFacts {
  return { ...triggerFromWire(wire), pid: integer(wire.pid), tid: integer(wire.tid) };
}

export function triggerFromWire(wire: WireProcess): TriggerFacts {
  const fields = new NullableFields(wire.nulls);
  return {
    pid: fields.integerOrNull(1, wire.pid),
    tid: fields.integerOrNull(2, wire.tid),
    uid: fields.integerOrNull(3, wire.uid),
    comm: present(wire.comm, 'comm'),
    startUs: nullableInteger(wire.startUs),
    adj: fields.integerOrNull(6, wire.adj),
    cgroupId: nullableInteger(wire.cgroupId),
    cgroupPath: wire.cgroupPath ?? null,
  };
}

export function memoryToWire(memory: ProcessMemory): WireMemory {
  const { rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes } = memory;
  return {
    rssBytes: memory.rssBytes,
    rssAnonBytes,
    rssFileBytes,
    rssShmemBytes,
    swapBytes,
    pageTableBytes,
    nulls: nullFields({ 1: rssAnonBytes, 2: rssFileBytes, 3: rssShmemBytes, 4: swapBytes, 5: pageTableBytes }),
  };
}

export function memoryFromWire(wire: WireMemory): ProcessMemory {
  const fields = new NullableFields(wire.nulls);
  return {
    rssBytes: nullableInteger(wire.rssBytes),
    rssAnonBytes: fields.integerOrNull(1, wire.rssAnonBytes),
    rssFileBytes: fields.integerOrNull(2, wire.rssFileBytes),
    rssShmemBytes: fields.integerOrNull(3, wire.rssShmemBytes),
    swapBytes: fields.integerOrNull(4, wire.swapBytes),
    pageTableBytes: fields.integerOrNull(5, wire.pageTableBytes),
  };
}
