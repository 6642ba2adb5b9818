import type { OomscopeEvent } from '../events/event.js';
import { untoldEvents } from '../events/untold.js';
import { type OnProblem, Playhead } from '../trace/play/playhead.js';
import type { Timeline } from '../trace/play/timeline.js';
import type { Exporter, Piece } from './exporter.js';

/** So many events at a time: one of them may be a thousand rows. */
const EVENTS_AT_A_TIME = 100;

export interface ExportStep {
  readonly piece: Piece;
  /** How much of the timeline is done: 0 to 1. */
  readonly share: number;
}

/** Trace files in another format, piece by piece, as fast as the pieces are taken. */
export async function* exportTimeline(
  timeline: Timeline,
  exporter: Exporter,
  onProblem: OnProblem,
): AsyncGenerator<ExportStep> {
  const { startUs, endUs } = timeline;
  const playhead = new Playhead(timeline, onProblem);
  let lastUs: number | null = null;
  yield { piece: exporter.begin(), share: 0 };
  for (let nextUs: number | null = startUs; nextUs !== null; ) {
    const taken = await playhead.takeUntil(Number.POSITIVE_INFINITY, EVENTS_AT_A_TIME);
    nextUs = taken.nextUs;
    const share = ((nextUs ?? endUs) - startUs) / Math.max(1, endUs - startUs);
    for (const batch of taken.batches) {
      if (batch.restart) exporter.know?.(batch.events);
      const events: readonly OomscopeEvent[] = batch.restart ? untoldEvents(batch.events, lastUs) : batch.events;
      lastUs = events.at(-1)?.tUs ?? lastUs;
      if (events.length > 0) yield { piece: exporter.write(events), share };
    }
  }
  yield { piece: exporter.end(), share: 1 };
}
