import { visibleJson } from '../base/escape.js';
import type { OomscopeEvent } from './event.js';

/** An event as a line of JSON, its field names those of src/events: a public format, told in docs/events.md. */
export function jsonLine({ topic, tUs, ...rest }: OomscopeEvent): string {
  // Topic and time first, whatever order the event was built in.
  return `${visibleJson(JSON.stringify({ topic, tUs, ...rest }))}\n`;
}
