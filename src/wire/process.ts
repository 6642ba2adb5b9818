import type { ProcessFacts, ProcessMemory } from '../events/process.js';
import { integer, nullableInteger, present } from './check.js';
import type { oomscope } from './proto.js';

type WireProcess = oomscope.v1.ProcessFacts.$Properties;
type WireMemory = oomscope.v1.ProcessMemory.$Properties;

export function processToWire(process: ProcessFacts): WireProcess {
  return {
    pid: process.pid,
    tid: process.tid,
    uid: process.uid,
    comm: process.comm,
    startUs: process.startUs,
    adj: process.adj,
    cgroupId: process.cgroupId,
    cgroupPath: process.cgroupPath,
  };
}

export function processFromWire(wire: WireProcess): ProcessFacts {
  return {
    pid: integer(wire.pid),
    tid: integer(wire.tid),
    uid: integer(wire.uid),
    comm: present(wire.comm, 'comm'),
    startUs: nullableInteger(wire.startUs),
    adj: integer(wire.adj),
    cgroupId: nullableInteger(wire.cgroupId),
    cgroupPath: wire.cgroupPath ?? null,
  };
}

export function memoryToWire(memory: ProcessMemory): WireMemory {
  return {
    rssAnonBytes: memory.rssAnonBytes,
    rssFileBytes: memory.rssFileBytes,
    rssShmemBytes: memory.rssShmemBytes,
    swapBytes: memory.swapBytes,
    pageTableBytes: memory.pageTableBytes,
  };
}

export function memoryFromWire(wire: WireMemory): ProcessMemory {
  return {
    rssAnonBytes: integer(wire.rssAnonBytes),
    rssFileBytes: integer(wire.rssFileBytes),
    rssShmemBytes: integer(wire.rssShmemBytes),
    swapBytes: integer(wire.swapBytes),
    pageTableBytes: integer(wire.pageTableBytes),
  };
}
