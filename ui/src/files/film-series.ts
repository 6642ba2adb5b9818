import { Playhead } from '../../../src/trace/play/playhead.js';
import type { Timeline } from '../../../src/trace/play/timeline.js';
import type { SeriesFeed } from '../state/series-feed.js';

const EVENTS_AT_A_TIME = 2_000;

/** Reads all of a film for its charts, while it is shown already: what is not read yet is simply not drawn yet. */
export async function readFilmSeries(
  timeline: Timeline,
  feed: SeriesFeed,
  { isClosed, onMore }: { readonly isClosed: () => boolean; readonly onMore: () => void },
): Promise<void> {
  // What cannot be read is told by the player.
  const playhead = new Playhead(timeline, () => {});
  for (;;) {
    const { batches, nextUs } = await playhead.takeUntil(Number.POSITIVE_INFINITY, EVENTS_AT_A_TIME);
    if (isClosed()) return;
    for (const { restart, events } of batches) {
      if (restart) feed.reconnected();
      feed.take(events);
    }
    if (nextUs === null) break;
    onMore();
    // The page has other things to do as well.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  feed.complete();
  onMore();
}
