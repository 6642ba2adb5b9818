import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatBytes, formatCount, formatDuration, plural } from '../../../src/base/units.js';
import type { NearMissEvent } from '../../../src/events/near-miss.js';
import type { SessionEvent } from '../../../src/events/session.js';
import { cgroupPath, type MemoryState } from '../../../src/model/memory-state.js';
import { NODE_ID } from '../../../src/model/series/fields.js';
import { userKillCauseInWords } from '../../../src/model/user-kill.js';
import { Lines } from '../chart/lines.js';
import { MarkRow } from '../chart/mark-row.js';
import type { Mark } from '../chart/marks.js';
import { clipped, type Frame, paintArea, paintGap, paintLevel, paintLine, paintShading } from '../chart/paint.js';
import { PlayheadLine } from '../chart/playhead-line.js';
import { cssColour, hatch } from '../chart/theme.js';
import { TimeArea } from '../chart/time-area.js';
import { TimePlot } from '../chart/time-plot.js';
import type { Playback } from '../files/playback.js';
import { isUserKill, type Seen } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { axisMs } from '../state/time.js';
import type { TimeStore } from '../time/time-store.js';
import { targetComm, victimComm } from './incident-words.js';
import { findingOf, isListedKill } from './user-kill-finding.js';

export interface NodeTimelineProps {
  readonly time: TimeStore;
  readonly session: SessionEvent;
  readonly feed: SeriesFeed;
  readonly memory: MemoryState;
  readonly incidents: readonly Seen[];
  readonly selectedKey: string | null;
  readonly onSelect: (key: string) => void;
  readonly playback: Playback | null;
}

/** With kills alone there is less to see. */
const HEIGHT_PX = { marks: 84, memory: 132 } as const;

/** The node over time: how much memory it had left, when it was short, and when it killed. */
export function NodeTimeline(props: NodeTimelineProps) {
  const { time, session, feed, memory, incidents, selectedKey, onSelect, playback } = props;
  const { nearMisses } = memory;
  const marks = useMemo(
    () => [
      ...incidents.map((seen) => markOf(seen, feed)),
      ...nearMisses.map((nearMiss) => nearMissMark(nearMiss, session, memory)),
    ],
    [incidents, nearMisses, session, feed],
  );
  const lines = useMemo(() => new Lines(feed.series), [feed]);
  const kills = marks.filter((mark) => mark.isKill).length;
  const byUser = marks.filter((mark) => mark.isByUser).length;
  const available = availableField(feed);
  const eviction = available === 'kubeletAvailableBytes' ? evictionLines(session) : [];
  const label = `The node over time: ${plural(kills, 'kill')}${byUser === 0 ? '' : ` (${formatCount(byUser)} by user space)`}${availableInWords(feed, available)}${eviction.map(({ kind, bytes }) => `, eviction (${kind}) below ${formatBytes(bytes)}`).join('')}${gapsInWords(feed)}. Arrow keys move, plus and minus zoom, 0 shows all, End follows the present.`;
  return (
    <>
      {available !== null && (
        <p class="timeline-key" aria-hidden="true">
          <span class="swatch swatch-available" /> memory.available
          {eviction.map(({ kind, bytes }) => (
            <Fragment key={kind}>
              <span class={`swatch-line is-${kind}`} /> eviction line, {kind}: {formatBytes(bytes)}
            </Fragment>
          ))}
          <span class="swatch swatch-some" /> some tasks stalled
          <span class="swatch swatch-full" /> all stalled
          {nearMisses.length > 0 && <span class="near-miss-key">◇ a near miss</span>}
          {byUser > 0 && <span class="by-user-key">⊘ killed by user space</span>}
          {feed.gaps.length > 0 && (
            <>
              <span class="swatch swatch-gap" /> nothing known
            </>
          )}
        </p>
      )}
      <TimeArea time={time} takesKeys label={label}>
        {(widthPx) => (
          <>
            <TimePlot
              time={time}
              heightPx={available === null ? HEIGHT_PX.marks : HEIGHT_PX.memory}
              bootMs={axisMs(session, 0)}
              version={feed.version}
              value={available === null ? () => '' : formatBytes}
              top={() => topValue(feed, session, available)}
              paint={(frame) => paintNode(frame, feed, lines, { available, eviction })}
            />
            {playback !== null && <PlayheadLine time={time} playback={playback} widthPx={widthPx} />}
            <MarkRow time={time} widthPx={widthPx} marks={marks} selectedKey={selectedKey} onSelect={onSelect} />
          </>
        )}
      </TimeArea>
    </>
  );
}

type AvailableField = 'kubeletAvailableBytes' | 'memAvailableBytes';

/** kubelet's own number where it is known, since its eviction lines mean that one. Null = no amounts came yet. */
function availableField({ series }: SeriesFeed): AvailableField | null {
  const nowUs = series.nowUs;
  if (nowUs === null) return null;
  const fields = ['kubeletAvailableBytes', 'memAvailableBytes'] as const;
  return fields.find((field) => series.valueAt('node', NODE_ID, field, nowUs) !== null) ?? null;
}

function availableInWords({ series }: SeriesFeed, field: AvailableField | null): string {
  const bytes = field === null ? null : series.valueAt('node', NODE_ID, field, series.nowUs ?? 0);
  return bytes === null ? '' : `, ${formatBytes(bytes)} of memory available now`;
}

/** Hatched on the chart; here, how long in all. */
function gapsInWords({ gaps }: SeriesFeed): string {
  if (gaps.length === 0) return '';
  const missingUs = gaps.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  return `, ${plural(gaps.length, 'gap')} of ${formatDuration(missingUs)}${gaps.length > 1 ? ' in all' : ''}`;
}

/** The whole node, so that a line near the bottom means what it looks like. */
function topValue({ series }: SeriesFeed, session: SessionEvent, field: AvailableField | null): number {
  if (field === null) return 1;
  return series.valueAt('node', NODE_ID, 'memTotalBytes', series.nowUs ?? 0) ?? session.memoryTotalBytes ?? 1;
}

interface Shown {
  readonly available: AvailableField | null;
  readonly eviction: readonly EvictionLevel[];
}

function paintNode(frame: Frame, feed: SeriesFeed, lines: Lines, { available: field, eviction }: Shown): void {
  const { context, fromUs, toUs, width, scale } = frame;
  const range = { fromUs, toUs, widthPx: width / scale };
  const shown = { ...frame, endUs: Math.min(toUs, feed.series.nowUs ?? toUs) };
  clipped(frame, () => {
    if (field !== null) {
      const line = lines.get('node', NODE_ID, [field], range);
      paintArea(shown, line, cssColour('--available-fill'));
      paintLine(shown, line, cssColour('--accent'), 1.5);
      paintShading(frame, lines.shading('nodePressure', NODE_ID, 'someUs', range), cssColour('--warn'), 0.45);
      paintShading(frame, lines.shading('nodePressure', NODE_ID, 'fullUs', range), cssColour('--bad'), 0.8);
    }
    for (const { kind, bytes } of eviction)
      paintLevel(frame, bytes, cssColour('--bad'), kind === 'hard' ? [6, 4] : [2, 3]);
    for (const gap of feed.gaps) paintGap(frame, gap.fromUs, gap.toUs, hatch(context, cssColour('--quiet')));
  });
}

interface EvictionLevel {
  readonly kind: 'hard' | 'soft';
  readonly bytes: number;
}

/** kubelet's lines, which mean its own memory.available and no other. */
function evictionLines({ eviction }: SessionEvent): EvictionLevel[] {
  const { hardBytes, softBytes } = eviction ?? { hardBytes: null, softBytes: null };
  return [
    ...(hardBytes === null ? [] : [{ kind: 'hard', bytes: hardBytes } as const]),
    ...(softBytes === null ? [] : [{ kind: 'soft', bytes: softBytes } as const]),
  ];
}

function markOf(seen: Seen, feed: SeriesFeed): Mark {
  const { key, session } = seen;
  const isListed = isListedKill(seen, feed);
  if (isUserKill(seen)) {
    const cause = userKillCauseInWords(seen.userKill, findingOf(seen, feed));
    return {
      ...{ key, ms: axisMs(session, seen.userKill.startUs), isKill: isListed, isByUser: isListed, isNearMiss: false },
      words: `${isListed ? '⊘ ' : ''}${targetComm(seen.userKill)}: ${cause}`,
    };
  }
  const { incident } = seen;
  return {
    ...{ key, ms: axisMs(session, incident.startUs), isKill: isListed, isByUser: false, isNearMiss: false },
    words: `${isListed ? '✕ ' : ''}${victimComm(incident)}`,
  };
}

const NEAR_MISS_WORDS: Readonly<Record<NearMissEvent['what'], string>> = {
  'episode-without-kill': 'the OOM killer ran and killed nobody',
  'max-events': 'the limit was hit again and again',
  throttled: 'memory.high kept tasks asleep',
};

function nearMissMark(nearMiss: NearMissEvent, session: SessionEvent, memory: MemoryState): Mark {
  const { tUs, cgroupId, what } = nearMiss;
  const path = cgroupId === null ? 'the node' : (cgroupPath(memory, cgroupId) ?? `cgroup ${cgroupId}`);
  return {
    key: `near-${tUs}-${cgroupId}-${what}`,
    ms: axisMs(session, tUs),
    words: `◇ close: ${NEAR_MISS_WORDS[what]} (${visible(path)})`,
    isKill: false,
    isByUser: false,
    isNearMiss: true,
  };
}
