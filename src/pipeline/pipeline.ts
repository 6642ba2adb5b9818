import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from '../model/fold.js';
import type { Model } from '../model/model.js';
import type { Sink } from '../sinks/sink.js';
import type { Source } from '../sources/source.js';

/** The one way from a source to the sinks: each batch is folded into the model, then every sink gets both. */
export class Pipeline {
  private current: Model = initialModel;
  private readonly working: Set<Sink>;

  /** `onSinkFailure` hears of a sink that threw; it gets no more events, and the others go on. */
  constructor(
    private readonly source: Source,
    private readonly sinks: readonly Sink[],
    private readonly onSinkFailure: (error: unknown) => void,
  ) {
    this.working = new Set(sinks);
  }

  /** What is known now. */
  get model(): Model {
    return this.current;
  }

  /** Resolves when the source is attached. When the source cannot start, the sinks are closed and its error is thrown. */
  async start(): Promise<void> {
    try {
      await this.source.start(
        (events) => this.take(events),
        (state) => this.restart(state),
      );
    } catch (error) {
      await this.closeSinks();
      throw error;
    }
  }

  /** Drains the source, then closes the sinks. */
  async stop(): Promise<void> {
    try {
      await this.source.stop();
    } finally {
      await this.closeSinks();
    }
  }

  /** What happens at a sink and concerns all, such as a disk that is full. Never from within a sink's `write`. */
  announce(event: OomscopeEvent): void {
    this.take([event]);
  }

  private take(events: readonly OomscopeEvent[]): void {
    this.current = applyEvents(this.current, events);
    this.give((sink) => sink.write(events, this.current));
  }

  private restart(state: readonly OomscopeEvent[]): void {
    this.current = applyEvents(initialModel, state);
    this.give((sink) => sink.restart?.(state, this.current));
  }

  private give(action: (sink: Sink) => void): void {
    for (const sink of this.working) {
      try {
        action(sink);
      } catch (error) {
        this.working.delete(sink);
        this.onSinkFailure(error);
      }
    }
  }

  private async closeSinks(): Promise<void> {
    const results = await Promise.allSettled(this.sinks.map((sink) => sink.close()));
    for (const result of results) {
      if (result.status === 'rejected') this.onSinkFailure(result.reason);
    }
  }
}
