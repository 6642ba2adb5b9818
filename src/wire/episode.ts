import type { EpisodeEvent, OomChoice } from '../events/episode.js';
import { candidatesFromWire, candidatesToWire } from './candidates.js';
import { cgroupFromWire, cgroupToWire } from './cgroup.js';
import { integer, nullableInteger, present } from './check.js';
import { approximation, attachMode, choiceHow, constraint, episodeOutcome } from './enums.js';
import { NullableFields, nullFields } from './nulls.js';
import { processFromWire, processToWire, triggerFromWire } from './process.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeEpisode(event: EpisodeEvent): Uint8Array {
  return v1.Episode.encode({
    episodeUs: event.episodeUs,
    durationUs: event.durationUs,
    attachMode: attachMode.toWire(event.attachMode),
    trigger: event.trigger && processToWire(event.trigger),
    triggerCgroup: event.triggerCgroup && cgroupToWire(event.triggerCgroup),
    limitCgroup: event.limitCgroup && cgroupToWire(event.limitCgroup),
    limitAncestors: event.limitAncestors.map(cgroupToWire),
    victimCgroup: event.victimCgroup && cgroupToWire(event.victimCgroup),
    constraint: event.constraint && constraint.toWire(event.constraint),
    sysrq: event.sysrq,
    gfpMask: event.gfpMask,
    order: event.order,
    nodemask: event.nodemask && { nodes: [...event.nodemask] },
    totalPages: event.totalPages,
    pageSizeBytes: event.pageSizeBytes,
    outcome: episodeOutcome.toWire(event.outcome),
    choice: event.choice && choiceToWire(event.choice),
    candidates: candidatesToWire(event.candidates),
    candidatesSeen: event.candidatesSeen,
    candidatesLost: event.candidatesLost,
    kernelThreadsSkipped: event.kernelThreadsSkipped,
    recordsLost: event.recordsLost,
    approximations: event.approximations.map(approximation.toWire),
    nulls: nullFields({
      ...{ 2: event.durationUs, 19: event.candidatesSeen, 20: event.candidatesLost },
      21: event.kernelThreadsSkipped,
    }),
  }).finish();
}

export function decodeEpisode(tUs: number, payload: Uint8Array): EpisodeEvent {
  const wire = v1.Episode.decode(payload);
  const fields = new NullableFields(wire.nulls);
  return {
    topic: '/oom/episode',
    tUs,
    episodeUs: integer(wire.episodeUs),
    durationUs: fields.integerOrNull(2, wire.durationUs),
    attachMode: attachMode.fromWire(wire.attachMode),
    trigger: wire.trigger ? triggerFromWire(wire.trigger) : null,
    triggerCgroup: wire.triggerCgroup ? cgroupFromWire(wire.triggerCgroup) : null,
    limitCgroup: wire.limitCgroup ? cgroupFromWire(wire.limitCgroup) : null,
    limitAncestors: wire.limitAncestors.map(cgroupFromWire),
    victimCgroup: wire.victimCgroup ? cgroupFromWire(wire.victimCgroup) : null,
    constraint: typeof wire.constraint === 'number' ? constraint.fromWire(wire.constraint) : null,
    sysrq: wire.sysrq ?? null,
    gfpMask: nullableInteger(wire.gfpMask),
    order: nullableInteger(wire.order),
    nodemask: wire.nodemask ? (wire.nodemask.nodes ?? []).map(integer) : null,
    totalPages: nullableInteger(wire.totalPages),
    pageSizeBytes: integer(wire.pageSizeBytes),
    outcome: episodeOutcome.fromWire(wire.outcome),
    choice: wire.choice ? choiceFromWire(wire.choice) : null,
    candidates: candidatesFromWire(present(wire.candidates, 'candidates')),
    candidatesSeen: fields.integerOrNull(19, wire.candidatesSeen),
    candidatesLost: fields.integerOrNull(20, wire.candidatesLost),
    kernelThreadsSkipped: fields.integerOrNull(21, wire.kernelThreadsSkipped),
    recordsLost: integer(wire.recordsLost),
    approximations: wire.approximations.map(approximation.fromWire),
  };
}

function choiceToWire(choice: OomChoice): oomscope.v1.OomChoice.$Properties {
  return {
    process: processToWire(choice.process),
    choiceUs: choice.choiceUs,
    how: choiceHow.toWire(choice.how),
    points: choice.points,
    score: choice.score,
  };
}

function choiceFromWire(wire: oomscope.v1.OomChoice.$Properties): OomChoice {
  return {
    process: processFromWire(present(wire.process, 'process')),
    choiceUs: integer(wire.choiceUs),
    how: choiceHow.fromWire(wire.how),
    points: nullableInteger(wire.points),
    score: nullableInteger(wire.score),
  };
}
