import type { SessionEvent } from '../../../src/events/session.js';
import { evictionDistance } from '../../../src/model/eviction.js';
import type { MemoryState } from '../../../src/model/memory-state.js';
import { evictionInWords } from '../../../src/model/node-words.js';
import { NODE_ID } from '../../../src/model/series/fields.js';
import type { SeriesFeed } from '../state/series-feed.js';

/** Long enough to tell a trend from a twitch. */
const RATE_US = 10_000_000;

/** How far kubelet's lines are now, and when they are reached: a sentence for each. None where no kubelet runs. */
export function evictionSentences({ eviction }: SessionEvent, { node }: MemoryState, feed: SeriesFeed): string[] {
  const availableBytes = node?.kubeletAvailableBytes ?? null;
  if (eviction === null || node === null || availableBytes === null) return [];
  const before = feed.series.valueAt('node', NODE_ID, 'kubeletAvailableBytes', node.tUs - RATE_US);
  const fall = before === null ? null : (before - availableBytes) / (RATE_US / 1e6);
  const lines = [
    ['hard', eviction.hardBytes],
    ['soft', eviction.softBytes],
  ] as const;
  return lines.flatMap(([kind, bytes]) =>
    bytes === null
      ? []
      : [evictionInWords(kind, evictionDistance({ bytes, from: 'config' }, availableBytes, fall), fall)],
  );
}
