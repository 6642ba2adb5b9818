import type { Topic } from '../events/event.js';
import { KEYFRAME_ID, TOPIC_ID } from '../wire/topics.js';

/** The topic of the messages that hold the state, for seeking. */
export const KEYFRAME_TOPIC = '/keyframe';

/** The protobuf message of each topic, in the package oomscope.v1. */
const MESSAGE_OF = {
  '/session': 'Session',
  '/oom/episode': 'Episode',
  '/oom/victim': 'Victim',
  '/identity': 'Identity',
  '/loss': 'Loss',
  '/cgroup': 'CgroupLife',
  '/memory/sample': 'MemorySample',
  '/memory/stat': 'MemoryStat',
  '/node': 'Node',
  '/pressure': 'Pressure',
  '/reclaim': 'Reclaim',
  '/throttle': 'Throttle',
  '/near-miss': 'NearMiss',
  '/gap': 'Gap',
  '/kill': 'Kill',
  '/process': 'ProcessSample',
  '/kube': 'Kube',
} as const satisfies Record<Topic, string>;

/** What a file declares before its first message. A topic's channel has the number that it has on the wire. */
export const TRACE_CHANNELS: readonly { readonly id: number; readonly topic: string; readonly schema: string }[] = [
  ...(Object.keys(MESSAGE_OF) as Topic[]).map((topic) => ({
    id: TOPIC_ID[topic],
    topic,
    schema: `oomscope.v1.${MESSAGE_OF[topic]}`,
  })),
  { id: KEYFRAME_ID, topic: KEYFRAME_TOPIC, schema: 'oomscope.v1.Keyframe' },
];
