import type { EpisodeEvent } from './episode.js';
import type { LossEvent } from './loss.js';
import type { SessionEvent } from './session.js';
import type { VictimEvent } from './victim.js';

/** Everything that flows from a source to the model and the sinks. One topic, one type, one file in this folder. */
export type OomscopeEvent = SessionEvent | EpisodeEvent | VictimEvent | LossEvent;

export type Topic = OomscopeEvent['topic'];

/** The event type of one topic. */
export type EventOf<T extends Topic> = Extract<OomscopeEvent, { topic: T }>;
