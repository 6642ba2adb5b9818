import { plural } from '../base/units.js';
import type { OomscopeEvent } from '../events/event.js';
import { jsonLine } from '../events/json-line.js';
import { untoldEvents } from '../events/untold.js';
import type { BoundedOutput } from './bounded-output.js';
import type { Sink } from './sink.js';

/** One event a line, as JSON. */
export class NdjsonSink implements Sink {
  private lastUs: number | null = null;

  constructor(private readonly output: BoundedOutput) {}

  write(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      this.tellDropped();
      this.lastUs = event.tUs;
      this.output.write(jsonLine(event));
    }
  }

  restart(state: readonly OomscopeEvent[]): void {
    this.write(untoldEvents(state, this.lastUs));
  }

  async close(): Promise<void> {
    await this.output.flush();
    if (this.tellDropped()) await this.output.flush();
  }

  /** True = there was something to tell. */
  private tellDropped(): boolean {
    const count = this.output.takeDropped();
    if (count === 0) return false;
    const meaning = `${plural(count, 'event')} not written here: the reader of this output was too slow`;
    this.output.write(jsonLine({ topic: '/loss', tUs: this.lastUs ?? 0, where: 'output-queue', count, meaning }));
    return true;
  }
}
