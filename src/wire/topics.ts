import type { Topic } from '../events/event.js';

/** The number of each topic in a frame's entry. For ever: a number is never given to another topic. */
export const TOPIC_ID = {
  '/session': 1,
  '/oom/episode': 2,
  '/oom/victim': 3,
  '/loss': 4,
  '/cgroup': 5,
  '/memory/sample': 6,
  '/memory/stat': 7,
  '/node': 8,
  '/pressure': 9,
  '/reclaim': 10,
  '/throttle': 11,
  '/near-miss': 12,
  '/gap': 13,
  '/identity': 14,
  '/kill': 15,
  '/process': 16,
  '/kube': 17,
} as const satisfies Record<Topic, number>;

/** Not a topic: the entry that stands where a client's past ends and live begins. Never in a trace file. */
export const HISTORY_COMPLETE_ID = 127;

/** Not a topic: the entry before which all is void. Never in a trace file. */
export const RESTART_ID = 125;

/** Not a topic: how a replay stands. Never in a trace file. */
export const REPLAY_STATE_ID = 124;

/** Not a topic of events: the state that a trace file repeats for seeking. Never on a WebSocket. */
export const KEYFRAME_ID = 126;

const TOPIC_OF = new Map<number, Topic>((Object.keys(TOPIC_ID) as Topic[]).map((topic) => [TOPIC_ID[topic], topic]));

/** The topic with this number; undefined = none that this version knows. */
export function topicOf(topicId: number): Topic | undefined {
  return TOPIC_OF.get(topicId);
}
