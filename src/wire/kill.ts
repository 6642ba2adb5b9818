import type { KillEvent, KillSender } from '../events/kill.js';
import { integer, nullableInteger, present } from './check.js';
import { killHow, killSignal, killStep } from './enums.js';
import { memoryFromWire, memoryToWire, processFromWire, processToWire } from './process.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeKill(event: KillEvent): Uint8Array {
  return v1.Kill.encode({
    step: killStep.toWire(event.step),
    killUs: event.killUs,
    how: killHow.toWire(event.how),
    signal: killSignal.toWire(event.signal),
    sender: event.sender && {
      process: processToWire(event.sender.process),
      commandLine: event.sender.commandLine,
      parentPid: event.sender.parentPid,
      parentComm: event.sender.parentComm,
    },
    target: processToWire(event.target),
    memory: event.memory && memoryToWire(event.memory),
    commandLine: event.commandLine,
    killedCgroupId: event.killedCgroup?.id ?? null,
    killedCgroupPath: event.killedCgroup?.path ?? null,
  }).finish();
}

export function decodeKill(tUs: number, payload: Uint8Array): KillEvent {
  const wire = v1.Kill.decode(payload);
  const killedCgroupId = nullableInteger(wire.killedCgroupId);
  return {
    topic: '/kill',
    tUs,
    step: killStep.fromWire(wire.step),
    killUs: integer(wire.killUs),
    how: killHow.fromWire(wire.how),
    signal: killSignal.fromWire(wire.signal),
    sender: wire.sender ? senderFromWire(wire.sender) : null,
    target: processFromWire(present(wire.target, 'target')),
    memory: wire.memory ? memoryFromWire(wire.memory) : null,
    commandLine: wire.commandLine ?? null,
    killedCgroup: killedCgroupId === null ? null : { id: killedCgroupId, path: wire.killedCgroupPath ?? null },
  };
}

function senderFromWire(wire: oomscope.v1.KillSender.$Properties): KillSender {
  return {
    process: processFromWire(present(wire.process, 'process')),
    commandLine: wire.commandLine ?? null,
    parentPid: integer(wire.parentPid),
    parentComm: present(wire.parentComm, 'parent_comm'),
  };
}
