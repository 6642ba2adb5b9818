import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { TimeStore } from '../time/time-store.js';
import { INSET } from './insets.js';
import { cssColour } from './theme.js';

export interface TimePlotProps {
  readonly time: TimeStore;
  readonly heightPx: number;
  /** Without the times at the bottom: charts that stand above one that has them. */
  readonly bare?: boolean;
  readonly series: readonly uPlot.Series[];
  readonly bands?: readonly uPlot.Band[];
  /** How a value reads at the axis. */
  readonly value: (value: number) => string;
  /** The top of the scale, given the greatest value that is shown. */
  readonly top: (greatest: number) => number;
  /** First the moments in ms since 1970, then the values of each series. */
  readonly data: uPlot.AlignedData;
  /** Below and above the series. */
  readonly under?: (plot: uPlot) => void;
  readonly over?: (plot: uPlot) => void;
}

/** A chart over the shared time. What is drawn is described by whoever uses it; here is only the canvas. */
export function TimePlot(props: TimePlotProps) {
  const { time, heightPx, data } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  // Hooks of the canvas outlive a rendering, and must see the newest properties.
  const current = useRef(props);
  current.current = props;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(current, element.clientWidth), current.current.data, element);
    plot.current = made;
    const take = () => {
      const { span } = time;
      if (span !== null) made.setScale('x', { min: span.fromMs, max: span.toMs });
    };
    take();
    const unsubscribe = time.subscribe(take);
    const sizes = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: current.current.heightPx }),
    );
    sizes.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => made.redraw(false, true);
    dark.addEventListener('change', repaint);
    return () => {
      unsubscribe();
      sizes.disconnect();
      dark.removeEventListener('change', repaint);
      made.destroy();
      plot.current = null;
    };
  }, [time]);

  useEffect(() => {
    plot.current?.setSize({ width: box.current?.clientWidth ?? 0, height: heightPx });
  }, [heightPx]);

  useEffect(() => {
    const { span } = time;
    const made = plot.current;
    made?.batch(() => {
      made.setData(data, false);
      if (span !== null) made.setScale('x', { min: span.fromMs, max: span.toMs });
    });
  }, [data, time]);

  return <div ref={box} class="plot" aria-hidden="true" style={{ height: `${heightPx}px` }} />;
}

function optionsOf(props: { readonly current: TimePlotProps }, width: number): uPlot.Options {
  const { heightPx, bare, series, bands } = props.current;
  const line = { stroke: () => cssColour('--line-soft'), width: 1 };
  const axis = { stroke: () => cssColour('--quiet'), font: AXIS_FONT, grid: line, ticks: { show: false } };
  return {
    width,
    height: heightPx,
    ms: 1,
    padding: [INSET.top, INSET.right, bare ? 2 : 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_plot, _min, max) => [0, Math.max(1, props.current.top(max ?? 0))] },
    },
    axes: [
      { ...axis, show: !bare, size: INSET.bottom, gap: 3, space: 80, values: clockValues },
      {
        ...axis,
        size: INSET.left,
        gap: 4,
        space: 26,
        values: (_plot, splits) => splits.map((value) => props.current.value(value)),
      },
    ],
    series: [{}, ...series],
    ...(bands === undefined ? {} : { bands: [...bands] }),
    hooks: {
      drawClear: [(plot) => props.current.under?.(plot)],
      draw: [(plot) => props.current.over?.(plot)],
    },
  };
}

const AXIS_FONT = '11px system-ui, sans-serif';
const EDGE_PX = 32;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** As many digits as tell two marks apart, and no date: the bar says which day it is. */
function clockValues(plot: uPlot, splits: number[]): string[] {
  const stepMs = splits.length > 1 ? (splits[1] ?? 0) - (splits[0] ?? 0) : MINUTE_MS;
  return splits.map((ms) => {
    // Half of a time tells nothing.
    const x = plot.valToPos(ms, 'x');
    if (x < EDGE_PX - INSET.left || x > plot.width - INSET.left - EDGE_PX) return '';
    const date = new Date(ms);
    const two = (value: number) => String(value).padStart(2, '0');
    const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
    if (stepMs >= MINUTE_MS) return minutes;
    const seconds = `${minutes}:${two(date.getSeconds())}`;
    return stepMs >= SECOND_MS ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  });
}
