import type { OomscopeEvent } from '../../events/event.js';
import { initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import type { Sink } from '../sink.js';
import type { EventNumbers, NumberedEvent } from './numbered-events.js';

/** What writes trace files: a recording, the incident files. */
export interface TraceTarget {
  /** One batch, with the model before and after it. Must not block or throw. */
  write(items: readonly NumberedEvent[], before: Model, after: Model): void;
  /** Resolves when all files are closed. */
  close(): Promise<void>;
}

/** Numbers and encodes each event once, for all that record it: so the files of one run fit together. */
export class TraceSink implements Sink {
  #before: Model = initialModel;

  constructor(
    private readonly numbers: EventNumbers,
    private readonly targets: readonly TraceTarget[],
  ) {}

  write(events: readonly OomscopeEvent[], model: Model): void {
    const items = events.map((event) => this.numbers.number(event));
    for (const target of this.targets) target.write(items, this.#before, model);
    this.#before = model;
  }

  async close(): Promise<void> {
    await Promise.all(this.targets.map((target) => target.close()));
  }
}
