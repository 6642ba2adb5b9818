import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Span } from '../time/span.js';
import type { TimeStore } from '../time/time-store.js';
import { INSET } from './insets.js';
import type { Frame } from './paint.js';
import { cssColour } from './theme.js';

export interface TimePlotProps {
  readonly time: TimeStore;
  readonly heightPx: number;
  /** How µs since boot become ms since 1970. */
  readonly bootMs: number;
  /** What is drawn has changed when this has. */
  readonly version: number;
  /** How a value reads at the axis. */
  readonly value: (value: number) => string;
  /** The upper edge of what is shown. */
  readonly top: (fromUs: number, toUs: number) => number;
  readonly paint: (frame: Frame) => void;
}

/** A chart over the shared time: axes by uPlot, and what lies in it is painted by whoever uses it. */
export function TimePlot(props: TimePlotProps) {
  const { time, heightPx, version } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  // Hooks of the canvas outlive a rendering, and must see the newest properties.
  const current = useRef(props);
  current.current = props;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(current, element.clientWidth), [[]], element);
    plot.current = made;
    const take = () => show(made, current.current, time.span);
    take();
    const unsubscribe = time.subscribe(take);
    const sizes = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: current.current.heightPx }),
    );
    sizes.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', take);
    return () => {
      unsubscribe();
      sizes.disconnect();
      dark.removeEventListener('change', take);
      made.destroy();
      plot.current = null;
    };
  }, [time, heightPx]);

  useEffect(() => {
    if (plot.current !== null) show(plot.current, current.current, time.span);
  }, [version, time]);

  return <div ref={box} class="plot" aria-hidden="true" style={{ height: `${heightPx}px` }} />;
}

function show(plot: uPlot, { bootMs, top }: TimePlotProps, span: Span | null): void {
  if (span === null) return;
  const max = top((span.fromMs - bootMs) * 1000, (span.toMs - bootMs) * 1000);
  plot.batch(() => {
    plot.setScale('x', { min: span.fromMs, max: span.toMs });
    plot.setScale('y', { min: 0, max: Math.max(1, max) });
  });
  // The scales may be the same, and yet there is more to be painted.
  plot.redraw(false, false);
}

function optionsOf(props: { readonly current: TimePlotProps }, width: number): uPlot.Options {
  const line = { stroke: () => cssColour('--line-soft'), width: 1 };
  const axis = { stroke: () => cssColour('--quiet'), font: AXIS_FONT, grid: line, ticks: { show: false } };
  return {
    width,
    height: props.current.heightPx,
    ms: 1,
    padding: [INSET.top, INSET.right, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true, auto: false }, y: { auto: false, range: (_plot, min, max) => [min, max] } },
    axes: [
      { ...axis, size: INSET.bottom, gap: 3, space: 80, values: clockValues },
      {
        ...axis,
        size: INSET.left,
        gap: 4,
        space: 24,
        incrs: BINARY_STEPS,
        values: (_plot, splits) => splits.map((value) => props.current.value(value)),
      },
    ],
    series: [{}],
    hooks: {
      drawClear: [(plot) => props.current.paint(frameOf(plot, props.current.bootMs))],
    },
  };
}

function frameOf(plot: uPlot, bootMs: number): Frame {
  const { left, top, width, height } = plot.bbox;
  const { x, y } = plot.scales;
  const toUs = ((x?.max ?? 0) - bootMs) * 1000;
  return {
    context: plot.ctx,
    ...{ left, top, width, height },
    fromUs: ((x?.min ?? 0) - bootMs) * 1000,
    toUs,
    endUs: toUs,
    topValue: y?.max ?? 1,
    scale: devicePixelRatio,
  };
}

/** Bytes are told in powers of 1024, so the marks stand at those. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const AXIS_FONT = '11px system-ui, sans-serif';
const EDGE_PX = 32;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** As many digits as tell two marks apart, and no date: the list and the bar say which day it is. */
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
