import type { ClockAssumptions } from './log-clock.js';
import { LogEvents, type LogEventsOutput } from './log-events.js';
import { LogReader, type LogSummary } from './log-reader.js';

/** Reads a kernel log in chunks of bytes and hands on the events that its OOM reports tell. Runs anywhere. */
export class LogImport {
  readonly #reader: LogReader;
  readonly #events: LogEvents;

  constructor(output: LogEventsOutput, assumptions: ClockAssumptions, oomscopeVersion: string) {
    this.#events = new LogEvents(output, oomscopeVersion);
    this.#reader = new LogReader((report) => this.#events.take(report, this.#reader.assumed), assumptions);
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** The log ends here. */
  end(): LogSummary {
    const summary = this.#reader.end();
    this.#events.end();
    return summary;
  }
}
