import type { CgroupEvent } from './cgroup-life.js';
import type { EpisodeEvent } from './episode.js';
import type { GapEvent } from './gap.js';
import type { IdentityEvent } from './identity.js';
import type { KillEvent } from './kill.js';
import type { KubeEvent } from './kube.js';
import type { LossEvent } from './loss.js';
import type { MemorySampleEvent } from './memory-sample.js';
import type { MemoryStatEvent } from './memory-stat.js';
import type { NearMissEvent } from './near-miss.js';
import type { NodeEvent } from './node.js';
import type { PressureEvent } from './pressure.js';
import type { ProcessSampleEvent } from './process-sample.js';
import type { ReclaimEvent } from './reclaim.js';
import type { SessionEvent } from './session.js';
import type { ThrottleEvent } from './throttle.js';
import type { VictimEvent } from './victim.js';

/** Everything that flows from a source to the model and the sinks. One topic, one type, one file in this folder. */
export type OomscopeEvent =
  | SessionEvent
  | EpisodeEvent
  | VictimEvent
  | KillEvent
  | LossEvent
  | CgroupEvent
  | MemorySampleEvent
  | MemoryStatEvent
  | NodeEvent
  | PressureEvent
  | ReclaimEvent
  | ThrottleEvent
  | NearMissEvent
  | GapEvent
  | IdentityEvent
  | ProcessSampleEvent
  | KubeEvent;

export type Topic = OomscopeEvent['topic'];

/** The event type of one topic. */
export type EventOf<T extends Topic> = Extract<OomscopeEvent, { topic: T }>;
