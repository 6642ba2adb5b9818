/** A stretch of time, in ms since 1970. Every chart of the page shows the same one. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Closer than this nothing more is to be seen: events are µs apart, samples 10 ms. */
export const SHORTEST_MS = 20;

/** The stretch with its length multiplied, `aroundMs` staying where it is, inside `extent`. */
export function zoomed(span: Span, factor: number, aroundMs: number, extent: Span): Span {
  const lengthMs = Math.max(SHORTEST_MS, (span.toMs - span.fromMs) * factor);
  const share = (aroundMs - span.fromMs) / (span.toMs - span.fromMs);
  const fromMs = aroundMs - share * lengthMs;
  return inside({ fromMs, toMs: fromMs + lengthMs }, extent);
}

/** The stretch moved, as far as `extent` goes. */
export function panned(span: Span, byMs: number, extent: Span): Span {
  return inside({ fromMs: span.fromMs + byMs, toMs: span.toMs + byMs }, extent);
}

/** The stretch of the same length that lies in `extent`; `extent` itself where that is shorter. */
export function inside(span: Span, extent: Span): Span {
  const lengthMs = span.toMs - span.fromMs;
  if (lengthMs >= extent.toMs - extent.fromMs) return extent;
  if (span.fromMs < extent.fromMs) return { fromMs: extent.fromMs, toMs: extent.fromMs + lengthMs };
  if (span.toMs > extent.toMs) return { fromMs: extent.toMs - lengthMs, toMs: extent.toMs };
  return span;
}

/** Where a moment lies in the stretch: 0 = its beginning, 1 = its end. */
export function shareOf(span: Span, ms: number): number {
  return (ms - span.fromMs) / (span.toMs - span.fromMs);
}

/** Which stretch is shown: one that a person chose, or the newest so much. */
export type View =
  | { readonly kind: 'follow'; readonly lengthMs: number }
  | { readonly kind: 'fixed'; readonly span: Span };

export const FOLLOW_MS = 5 * 60_000;

export function visibleSpan(view: View, extent: Span): Span {
  if (view.kind === 'fixed') return view.span;
  return inside({ fromMs: extent.toMs - view.lengthMs, toMs: extent.toMs }, extent);
}

/** A stretch that reaches the newest moment follows it from there on: as live charts do everywhere. */
export function viewOf(span: Span, extent: Span): View {
  const lengthMs = span.toMs - span.fromMs;
  if (span.toMs >= extent.toMs - lengthMs / 1000) return { kind: 'follow', lengthMs };
  return { kind: 'fixed', span };
}
