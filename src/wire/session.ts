import type {
  Adoption,
  EvictionLines,
  MissingFeature,
  ProgramOutcome,
  Sampling,
  SessionEvent,
} from '../events/session.js';
import { badMessage, integer, nullableInteger, present } from './check.js';
import { adoptionHow, attachMode, programState, samplingHow, sessionClock } from './enums.js';
import { NullableFields, nullFields } from './nulls.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeSession(event: SessionEvent): Uint8Array {
  return v1.Session.encode({
    bootId: event.bootId,
    hostname: event.hostname,
    kernelRelease: event.kernelRelease,
    machine: event.machine,
    pageSizeBytes: event.pageSizeBytes,
    cpuCount: event.cpuCount,
    memoryTotalBytes: event.memoryTotalBytes,
    swapTotalBytes: event.swapTotalBytes,
    cgroupVersion: event.cgroupVersion,
    clock: sessionClock.toWire(event.clock),
    anchorBootUs: event.anchorBootUs,
    anchorEpochUs: event.anchorEpochUs,
    oomscopeVersion: event.oomscopeVersion,
    attachMode: attachMode.toWire(event.attachMode),
    programs: event.programs.map((program) => ({ ...program, state: programState.toWire(program.state) })),
    missing: event.missing.map((missing) => ({ ...missing })),
    adopted: event.adopted === null ? null : { ...event.adopted, how: adoptionHow.toWire(event.adopted.how) },
    sampling: event.sampling === null ? null : { ...event.sampling, how: samplingHow.toWire(event.sampling.how) },
    eviction: event.eviction === null ? null : { ...event.eviction },
    nulls: nullFields({
      ...{ 1: event.bootId, 2: event.hostname, 3: event.kernelRelease, 4: event.machine, 5: event.pageSizeBytes },
      ...{ 6: event.cpuCount, 7: event.memoryTotalBytes, 8: event.swapTotalBytes, 11: event.anchorEpochUs },
    }),
  }).finish();
}

export function decodeSession(tUs: number, payload: Uint8Array): SessionEvent {
  const wire = v1.Session.decode(payload);
  const fields = new NullableFields(wire.nulls);
  return {
    topic: '/session',
    tUs,
    bootId: fields.valueOrNull(1, wire.bootId),
    hostname: fields.valueOrNull(2, wire.hostname),
    kernelRelease: fields.valueOrNull(3, wire.kernelRelease),
    machine: fields.valueOrNull(4, wire.machine),
    pageSizeBytes: fields.integerOrNull(5, wire.pageSizeBytes),
    cpuCount: fields.integerOrNull(6, wire.cpuCount),
    memoryTotalBytes: fields.integerOrNull(7, wire.memoryTotalBytes),
    swapTotalBytes: fields.integerOrNull(8, wire.swapTotalBytes),
    cgroupVersion: cgroupVersion(wire.cgroupVersion),
    clock: typeof wire.clock === 'number' ? sessionClock.fromWire(wire.clock) : 'boot',
    anchorBootUs: integer(wire.anchorBootUs),
    anchorEpochUs: fields.integerOrNull(11, wire.anchorEpochUs),
    oomscopeVersion: wire.oomscopeVersion,
    attachMode: attachMode.fromWire(wire.attachMode),
    programs: wire.programs.map(programFromWire),
    missing: wire.missing.map(missingFromWire),
    adopted: wire.adopted ? adoptionFromWire(wire.adopted) : null,
    sampling: wire.sampling ? samplingFromWire(wire.sampling) : null,
    eviction: wire.eviction ? evictionFromWire(wire.eviction) : null,
  };
}

function cgroupVersion(value: number | null | undefined): SessionEvent['cgroupVersion'] {
  if (value === null || value === undefined) return null;
  if (value !== 1 && value !== 2) throw badMessage(`cgroup version ${value} is unknown`);
  return value;
}

function programFromWire(wire: oomscope.v1.ProgramOutcome.$Properties): ProgramOutcome {
  return {
    name: present(wire.name, 'name'),
    state: programState.fromWire(wire.state),
    reason: wire.reason ?? null,
  };
}

function missingFromWire(wire: oomscope.v1.MissingFeature.$Properties): MissingFeature {
  return {
    code: present(wire.code, 'code'),
    what: present(wire.what, 'what'),
    lost: present(wire.lost, 'lost'),
    remedy: present(wire.remedy, 'remedy'),
  };
}

function adoptionFromWire(wire: oomscope.v1.Adoption.$Properties): Adoption {
  return {
    gapFromUs: integer(wire.gapFromUs),
    gapToUs: integer(wire.gapToUs),
    how: adoptionHow.fromWire(wire.how),
  };
}

function samplingFromWire(wire: oomscope.v1.Sampling.$Properties): Sampling {
  return { how: samplingHow.fromWire(wire.how), calmUs: integer(wire.calmUs), hotUs: integer(wire.hotUs) };
}

function evictionFromWire(wire: oomscope.v1.EvictionLines.$Properties): EvictionLines {
  return {
    hardBytes: nullableInteger(wire.hardBytes),
    softBytes: nullableInteger(wire.softBytes),
    source: present(wire.source, 'source'),
  };
}
