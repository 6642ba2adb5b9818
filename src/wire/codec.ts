import { OomscopeError } from '../base/errors.js';
import type { EventOf, OomscopeEvent, Topic } from '../events/event.js';
import { decodeCgroupLife, encodeCgroupLife } from './cgroup-life.js';
import { badMessage, integer } from './check.js';
import { decodeEpisode, encodeEpisode } from './episode.js';
import { decodeGap, encodeGap } from './gap.js';
import { decodeIdentity, encodeIdentity } from './identity.js';
import { decodeKill, encodeKill } from './kill.js';
import { decodeKube, encodeKube } from './kube.js';
import { decodeLoss, encodeLoss } from './loss.js';
import { decodeMemorySample, encodeMemorySample } from './memory-sample.js';
import { decodeMemoryStat, encodeMemoryStat } from './memory-stat.js';
import { decodeNearMiss, encodeNearMiss } from './near-miss.js';
import { decodeNode, encodeNode } from './node.js';
import { decodePressure, encodePressure } from './pressure.js';
import { decodeProcessSample, encodeProcessSample } from './process-sample.js';
import { decodeReclaim, encodeReclaim } from './reclaim.js';
import { decodeSession, encodeSession } from './session.js';
import { decodeThrottle, encodeThrottle } from './throttle.js';
import { TOPIC_ID, topicOf } from './topics.js';
import { decodeVictim, encodeVictim } from './victim.js';

/** An event as bytes: what an entry of a WebSocket frame and a message of a trace file hold alike. */
export interface EncodedEvent {
  readonly topicId: number;
  /** µs since boot. */
  readonly tUs: number;
  /** The topic's protobuf message. */
  readonly payload: Uint8Array;
}

interface TopicCodec<T extends Topic> {
  encode(event: EventOf<T>): Uint8Array;
  decode(tUs: number, payload: Uint8Array): EventOf<T>;
}

const CODEC = {
  '/session': { encode: encodeSession, decode: decodeSession },
  '/oom/episode': { encode: encodeEpisode, decode: decodeEpisode },
  '/oom/victim': { encode: encodeVictim, decode: decodeVictim },
  '/identity': { encode: encodeIdentity, decode: decodeIdentity },
  '/loss': { encode: encodeLoss, decode: decodeLoss },
  '/cgroup': { encode: encodeCgroupLife, decode: decodeCgroupLife },
  '/memory/sample': { encode: encodeMemorySample, decode: decodeMemorySample },
  '/memory/stat': { encode: encodeMemoryStat, decode: decodeMemoryStat },
  '/node': { encode: encodeNode, decode: decodeNode },
  '/pressure': { encode: encodePressure, decode: decodePressure },
  '/reclaim': { encode: encodeReclaim, decode: decodeReclaim },
  '/throttle': { encode: encodeThrottle, decode: decodeThrottle },
  '/near-miss': { encode: encodeNearMiss, decode: decodeNearMiss },
  '/gap': { encode: encodeGap, decode: decodeGap },
  '/kill': { encode: encodeKill, decode: decodeKill },
  '/process': { encode: encodeProcessSample, decode: decodeProcessSample },
  '/kube': { encode: encodeKube, decode: decodeKube },
} satisfies { [T in Topic]: TopicCodec<T> };

export function encodeEvent(event: OomscopeEvent): EncodedEvent {
  return { topicId: TOPIC_ID[event.topic], tUs: event.tUs, payload: encodePayload(event) };
}

function encodePayload(event: OomscopeEvent): Uint8Array {
  switch (event.topic) {
    case '/session':
      return CODEC[event.topic].encode(event);
    case '/oom/episode':
      return CODEC[event.topic].encode(event);
    case '/oom/victim':
      return CODEC[event.topic].encode(event);
    case '/identity':
      return CODEC[event.topic].encode(event);
    case '/loss':
      return CODEC[event.topic].encode(event);
    case '/cgroup':
      return CODEC[event.topic].encode(event);
    case '/memory/sample':
      return CODEC[event.topic].encode(event);
    case '/memory/stat':
      return CODEC[event.topic].encode(event);
    case '/node':
      return CODEC[event.topic].encode(event);
    case '/pressure':
      return CODEC[event.topic].encode(event);
    case '/reclaim':
      return CODEC[event.topic].encode(event);
    case '/throttle':
      return CODEC[event.topic].encode(event);
    case '/near-miss':
      return CODEC[event.topic].encode(event);
    case '/gap':
      return CODEC[event.topic].encode(event);
    case '/kill':
      return CODEC[event.topic].encode(event);
    case '/process':
      return CODEC[event.topic].encode(event);
    case '/kube':
      return CODEC[event.topic].encode(event);
  }
}

/** Throws OomscopeError E_BAD_MESSAGE, and nothing else, on bytes that are not an event. */
export function decodeEvent(encoded: EncodedEvent): OomscopeEvent {
  const topic = topicOf(encoded.topicId);
  if (topic === undefined) throw badMessage(`topic ${encoded.topicId} is unknown`);
  return refuseBadBytes(topic, () => CODEC[topic].decode(integer(encoded.tUs), encoded.payload));
}

/** Runs a decoder; whatever it throws becomes E_BAD_MESSAGE. */
export function refuseBadBytes<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof OomscopeError) throw error;
    throw badMessage(`${what}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
