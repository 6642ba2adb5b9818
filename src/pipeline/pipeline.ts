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
      await this.source.start((events) => this.take(events));
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

  private take(events: readonly OomscopeEvent[]): void {
    this.current = applyEvents(this.current, events);
    for (const sink of this.working) {
      try {
        sink.write(events, this.current);
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
