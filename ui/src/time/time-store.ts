import { FOLLOW_MS, panned, type Span, type View, viewOf, visibleSpan, zoomed } from './span.js';

/**
 * The time that all charts share: how much there is, what of it is shown, and where the cursor stands. Kept beside the
 * page's state, since the pointer moves it sixty times a second and only charts need to hear of it.
 */
export class TimeStore {
  #extent: Span | null = null;
  #view: View = { kind: 'follow', lengthMs: FOLLOW_MS };
  #cursorMs: number | null = null;
  readonly #listeners = new Set<() => void>();
  #told = false;

  /** Null = nothing is known yet. */
  get extent(): Span | null {
    return this.#extent;
  }

  get view(): View {
    return this.#view;
  }

  get span(): Span | null {
    return this.#extent === null ? null : visibleSpan(this.#view, this.#extent);
  }

  get cursorMs(): number | null {
    return this.#cursorMs;
  }

  setExtent(extent: Span): void {
    if (extent.fromMs === this.#extent?.fromMs && extent.toMs === this.#extent.toMs) return;
    this.#extent = extent;
    this.#tell();
  }

  setView(view: View): void {
    this.#view = view;
    this.#tell();
  }

  setCursor(ms: number | null): void {
    if (ms === this.#cursorMs) return;
    this.#cursorMs = ms;
    this.#tell();
  }

  zoom(factor: number, aroundMs?: number): void {
    const { span, extent } = this;
    if (span === null || extent === null) return;
    const centre = aroundMs ?? this.#cursorInside(span) ?? (span.fromMs + span.toMs) / 2;
    this.setView(viewOf(zoomed(span, factor, centre, extent), extent));
  }

  /** By a share of what is shown; negative = into the past. */
  pan(share: number): void {
    const { span, extent } = this;
    if (span === null || extent === null) return;
    this.setView(viewOf(panned(span, share * (span.toMs - span.fromMs), extent), extent));
  }

  show(span: Span): void {
    if (this.#extent !== null) this.setView(viewOf(span, this.#extent));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #cursorInside({ fromMs, toMs }: Span): number | null {
    const ms = this.#cursorMs;
    return ms !== null && ms >= fromMs && ms <= toMs ? ms : null;
  }

  /** Once a frame of the screen, however much moved. */
  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    requestAnimationFrame(() => {
      this.#told = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
