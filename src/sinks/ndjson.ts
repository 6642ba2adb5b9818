import { visibleJson } from '../base/escape.js';
import { plural } from '../base/units.js';
import type { OomscopeEvent } from '../events/event.js';
import type { BoundedOutput } from './bounded-output.js';
import type { Sink } from './sink.js';

/** One event a line, as JSON with the field names of src/events: a public format, told in docs/events.md. */
export class NdjsonSink implements Sink {
  private lastUs = 0;

  constructor(private readonly output: BoundedOutput) {}

  write(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      this.tellDropped();
      this.lastUs = event.tUs;
      this.output.write(toLine(event));
    }
  }

  /**
   * Only what was not printed yet: kills that stand in a gap of a trace. Before the first event, the session alone.
   * Losses stand in a state as totals, so they would be counted twice.
   */
  restart(state: readonly OomscopeEvent[]): void {
    const { lastUs } = this;
    const isNews = ({ topic, tUs }: OomscopeEvent) => (lastUs === 0 ? topic === '/session' : tUs > lastUs);
    this.write(state.filter((event) => event.topic !== '/loss' && isNews(event)));
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
    this.output.write(toLine({ topic: '/loss', tUs: this.lastUs, where: 'output-queue', count, meaning }));
    return true;
  }
}

/** Topic and time first, whatever order the event was built in. */
function toLine({ topic, tUs, ...rest }: OomscopeEvent): string {
  return `${visibleJson(JSON.stringify({ topic, tUs, ...rest }))}\n`;
}
