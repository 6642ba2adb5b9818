import type { Line } from '../../../src/model/series/series.js';
import type { Shading } from './lines.js';

/** Where on a canvas a chart is drawn, in its own pixels. */
export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** What is shown, µs since boot, and the value at the upper edge. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly topValue: number;
  /** Where time ends: nothing is drawn behind it. */
  readonly endUs: number;
  readonly scale: number;
}

const xOf = (frame: Frame, tUs: number) =>
  frame.left + ((tUs - frame.fromUs) / (frame.toUs - frame.fromUs)) * frame.width;

const yOf = (frame: Frame, value: number) =>
  frame.top + frame.height - Math.min(1.2, value / frame.topValue) * frame.height;

/** Runs `draw` with nothing drawn outside of the frame. */
export function clipped(frame: Frame, draw: () => void): void {
  const { context, left, top, width, height } = frame;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  draw();
  context.restore();
}

/** A value holds until the next row; where it is not known there is nothing. */
export function paintArea(frame: Frame, line: Line, fill: string | CanvasPattern): void {
  const { context } = frame;
  const bottom = frame.top + frame.height;
  context.fillStyle = fill;
  eachRun(frame, line, (steps) => {
    context.beginPath();
    context.moveTo(steps[0]?.x ?? 0, bottom);
    trace(frame, steps);
    context.lineTo(steps.at(-1)?.endX ?? 0, bottom);
    context.fill();
  });
}

export function paintLine(frame: Frame, line: Line, stroke: string, widthPx = 1.5, dash: readonly number[] = []): void {
  const { context, scale } = frame;
  context.strokeStyle = stroke;
  context.lineWidth = widthPx * scale;
  context.setLineDash(dash.map((length) => length * scale));
  eachRun(frame, line, (steps) => {
    context.beginPath();
    trace(frame, steps, true);
    context.stroke();
  });
  context.setLineDash([]);
}

/** A value that something must not fall below, across the whole frame. */
export function paintLevel(frame: Frame, value: number, stroke: string, dash: readonly number[]): void {
  const { context, left, width, scale } = frame;
  context.strokeStyle = stroke;
  context.lineWidth = 1.5 * scale;
  context.setLineDash(dash.map((length) => length * scale));
  context.beginPath();
  context.moveTo(left, yOf(frame, value));
  context.lineTo(left + width, yOf(frame, value));
  context.stroke();
  context.setLineDash([]);
}

/** Columns whose strength says how much of the time before each row was lost: 0 … 1. */
export function paintShading(frame: Frame, { spans, lost }: Shading, colour: string, strongest: number): void {
  const { context, top, height } = frame;
  context.fillStyle = colour;
  for (let row = 0; row < lost.timesUs.length; row++) {
    const endUs = lost.timesUs[row] ?? 0;
    const spanUs = spans.values[row] ?? 0;
    const share = Math.min(1, (lost.values[row] ?? 0) / spanUs);
    if (!(share >= 0.01)) continue;
    // On whole pixels: columns that touch must neither overlap nor leave a seam.
    const x = Math.round(xOf(frame, endUs - spanUs));
    const endX = Math.round(xOf(frame, endUs));
    if (endX < frame.left || x > frame.left + frame.width) continue;
    // A tenth of the time is much, and must not look like nothing.
    context.globalAlpha = strongest * Math.sqrt(share);
    context.fillRect(x, top, Math.max(frame.scale, endX - x), height);
  }
  context.globalAlpha = 1;
}

/** A time of which nothing is known. */
export function paintGap(frame: Frame, fromUs: number, toUs: number, fill: string | CanvasPattern): void {
  const x = Math.max(frame.left, xOf(frame, fromUs));
  const endX = Math.min(frame.left + frame.width, xOf(frame, toUs));
  if (endX <= frame.left || x >= frame.left + frame.width) return;
  const width = Math.max(2 * frame.scale, endX - x);
  // A value that was held through it would be a claim.
  frame.context.clearRect(x, frame.top, width, frame.height);
  frame.context.fillStyle = fill;
  frame.context.fillRect(x, frame.top, width, frame.height);
}

interface Step {
  readonly x: number;
  readonly endX: number;
  readonly y: number;
}

function trace(frame: Frame, steps: readonly Step[], lifts = false): void {
  const { context } = frame;
  steps.forEach(({ x, endX, y }, index) => {
    if (lifts && index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
    context.lineTo(endX, y);
  });
}

/** The stretches in which values are known, as steps. */
function eachRun(frame: Frame, { timesUs, values }: Line, take: (steps: Step[]) => void): void {
  let steps: Step[] = [];
  const flush = () => {
    if (steps.length > 0) take(steps);
    steps = [];
  };
  for (let row = 0; row < timesUs.length; row++) {
    const startUs = timesUs[row] ?? 0;
    const endUs = Math.min(timesUs[row + 1] ?? frame.endUs, frame.endUs);
    const value = values[row] ?? Number.NaN;
    if (endUs < frame.fromUs || startUs > frame.toUs) continue;
    if (!Number.isFinite(value)) flush();
    else steps.push({ x: xOf(frame, startUs), endX: xOf(frame, endUs), y: yOf(frame, value) });
  }
  flush();
}

/** The greatest value that is in sight; 0 where there is none. */
export function greatest({ timesUs, values }: Line, fromUs: number, toUs: number): number {
  let most = 0;
  for (let row = 0; row < timesUs.length; row++) {
    const isInSight = (timesUs[row + 1] ?? Number.POSITIVE_INFINITY) >= fromUs && (timesUs[row] ?? 0) <= toUs;
    const value = values[row] ?? 0;
    if (isInSight && Number.isFinite(value)) most = Math.max(most, value);
  }
  return most;
}
