import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { CursorLine } from '../chart/cursor-line.js';
import { attachGestures } from '../chart/gestures.js';
import { Lines } from '../chart/lines.js';
import type { Frame } from '../chart/paint.js';
import type { SeriesFeed } from '../state/series-feed.js';
import type { TimeStore } from '../time/time-store.js';
import { useWidthPx } from '../view/hooks.js';
import { paintCgroup } from './paint-cgroup.js';

export interface CgroupChartProps {
  readonly id: number;
  readonly time: TimeStore;
  readonly feed: SeriesFeed;
  readonly bootMs: number;
  /** The page's clock: with it comes what was too new for the last painting. */
  readonly nowMs: number;
}

const HEIGHT_PX = 54;
const NO_INSET = { left: 0, right: 0 } as const;

/** One cgroup's memory over the shared time: a canvas without axes, so that a dozen cost little. */
export function CgroupChart({ id, time, feed, bootMs, nowMs }: CgroupChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const widthPx = useWidthPx(box);
  const lines = useMemo(() => new Lines(feed.series), [feed]);
  const paint = () => {
    const { span } = time;
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (span === null || element === null || context === null || context === undefined || widthPx === 0) return;
    const scale = devicePixelRatio;
    const width = Math.round(widthPx * scale);
    const height = Math.round(HEIGHT_PX * scale);
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    context.clearRect(0, 0, width, height);
    const toUs = (span.toMs - bootMs) * 1000;
    const frame: Omit<Frame, 'topValue'> = {
      context,
      ...{ left: 0, top: 0, width, height, scale },
      fromUs: (span.fromMs - bootMs) * 1000,
      toUs,
      endUs: Math.min(toUs, feed.series.nowUs ?? toUs),
    };
    paintCgroup(frame, id, lines, feed.gaps);
  };
  const latest = useRef(paint);
  latest.current = paint;
  useEffect(() => (box.current === null ? undefined : attachGestures(box.current, time, NO_INSET)), [time]);
  useLayoutEffect(() => time.subscribe(() => latest.current()), [time]);
  useEffect(paint, [feed.version, widthPx, id, nowMs]);
  return (
    <div ref={box} class="time-area cgroup-chart" aria-hidden="true">
      <canvas ref={canvas} style={{ height: `${HEIGHT_PX}px` }} />
      <CursorLine time={time} widthPx={widthPx} inset={NO_INSET} />
    </div>
  );
}
