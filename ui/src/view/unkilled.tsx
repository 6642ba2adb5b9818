import { useMemo } from 'preact/hooks';
import { plural } from '../../../src/base/units.js';
import type { SessionEvent } from '../../../src/events/session.js';
import { assessGrowth, GROWN_MIN_BYTES } from '../../../src/model/assess.js';
import { ledgerNow } from '../../../src/model/ledger-now.js';
import type { Model } from '../../../src/model/model.js';
import { outsideInWords } from '../../../src/model/node-words.js';
import { movedTracksOf } from '../../../src/model/tracks.js';
import { evictionSentences } from '../cgroups/eviction-words.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { Section } from './section.js';

export interface UnkilledProps {
  readonly session: SessionEvent;
  readonly feed: SeriesFeed;
  readonly model: Model;
  readonly nowMs: number;
}

/** Live, growth of longer ago than this is nobody's question any more. */
const BACK_US = 5 * 60_000_000;
/** Hundreds of timelines are looked through for it: not at each tick. */
const EVERY_MS = 5_000;

/** What can be said while nobody was killed: whose memory grew and whether that is a leak, and how near an eviction is. */
export function Unkilled({ session, feed, model, nowMs }: UnkilledProps) {
  const { memory } = model;
  const nowUs = memory.sampled?.tUs ?? null;
  // Of a film all that is read is looked at again only when it stands elsewhere.
  const turn = feed.isComplete ? (nowUs ?? 0) : Math.floor(nowMs / EVERY_MS);
  const grown = useMemo(() => {
    if (nowUs === null) return [];
    const fromUs = feed.isComplete ? 0 : nowUs - BACK_US;
    return assessGrowth(movedTracksOf(feed.series, memory, fromUs, nowUs, GROWN_MIN_BYTES));
  }, [feed, turn]);
  const isKubernetes = session.eviction !== null;
  const outside = useMemo(() => {
    const ledger = isKubernetes ? ledgerNow(model) : null;
    return ledger === null ? null : outsideInWords(ledger);
  }, [isKubernetes, turn]);
  const eviction = evictionSentences(session, memory, feed);
  const [most, ...others] = grown;
  if (most === undefined && outside === null && eviction.length === 0) return null;
  return (
    <div class="unkilled">
      {(outside !== null || eviction.length > 0) && (
        <Section title="The node">
          <p class="chosen">{[...(outside === null ? [] : [outside]), ...eviction].join(' ')}</p>
        </Section>
      )}
      {most !== undefined && (
        <Section title="What grew" note="leak or cache">
          <p class="chosen">{most.words}</p>
          {others.length > 0 && (
            <details>
              <summary>{plural(others.length, 'other')} that grew</summary>
              <ul class="otherwise">
                {others.map(({ growth, words }) => (
                  <li key={growth.path}>{words}</li>
                ))}
              </ul>
            </details>
          )}
        </Section>
      )}
    </div>
  );
}
