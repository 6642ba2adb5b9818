import type { VictimEvent } from '../events/victim.js';
import { integer, nullableInteger } from './check.js';
import { victimStep } from './enums.js';
import { memoryFromWire, memoryToWire, processFromWire, processToWire } from './process.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeVictim(event: VictimEvent): Uint8Array {
  return v1.Victim.encode({
    step: victimStep.toWire(event.step),
    episodeUs: event.episodeUs,
    tid: event.tid,
    process: event.process && processToWire(event.process),
    memory: event.memory && memoryToWire(event.memory),
    sigkilled: event.sigkilled,
    chosen: event.chosen,
    memorySharedBy: event.memorySharedBy,
    commandLine: event.commandLine,
    containerPid: event.containerPid,
  }).finish();
}

export function decodeVictim(tUs: number, payload: Uint8Array): VictimEvent {
  const wire = v1.Victim.decode(payload);
  return {
    topic: '/oom/victim',
    tUs,
    step: victimStep.fromWire(wire.step),
    episodeUs: nullableInteger(wire.episodeUs),
    tid: integer(wire.tid),
    process: wire.process ? processFromWire(wire.process) : null,
    memory: wire.memory ? memoryFromWire(wire.memory) : null,
    sigkilled: wire.sigkilled ?? null,
    chosen: wire.chosen ?? null,
    memorySharedBy: nullableInteger(wire.memorySharedBy),
    commandLine: wire.commandLine ?? null,
    containerPid: nullableInteger(wire.containerPid),
  };
}
