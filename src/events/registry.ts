import type { Topic } from './event.js';

interface TopicInfo {
  /** What one event of it says, in one line. */
  readonly about: string;
}

/** Every topic there is; the compiler demands a line for a new one, and a test its chapter in docs/events.md. */
export const TOPICS = {
  '/session': { about: 'what the tracer found on this host and what it attached' },
  '/oom/episode': { about: 'one run of the OOM killer: trigger, limit, every candidate, the choice' },
  '/oom/victim': { about: 'one step of a victim on its way out: marked, reaped, exited' },
  '/loss': { about: 'something was lost, and how much' },
} as const satisfies Readonly<Record<Topic, TopicInfo>>;
