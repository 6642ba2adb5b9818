import type { OomscopeEvent } from '../events/event.js';
import { type OnProblem, Playhead } from '../trace/play/playhead.js';
import type { Timeline } from '../trace/play/timeline.js';

const EVENTS_AT_A_TIME = 2_000;

/** `restart`: a state, at the beginning of what can be read and after each gap. */
export interface TimelineBatch {
  readonly restart: boolean;
  readonly events: readonly OomscopeEvent[];
}

/** Trace files from their beginning to their end, as fast as batches are taken. */
export async function* eachBatch(timeline: Timeline, onProblem: OnProblem): AsyncGenerator<TimelineBatch> {
  const playhead = new Playhead(timeline, onProblem);
  for (let nextUs: number | null = timeline.startUs; nextUs !== null; ) {
    const taken = await playhead.takeUntil(Number.POSITIVE_INFINITY, EVENTS_AT_A_TIME);
    nextUs = taken.nextUs;
    yield* taken.batches;
  }
}
