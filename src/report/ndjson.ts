import { jsonLine } from '../events/json-line.js';
import type { Exporter } from './exporter.js';

/** Every event a line of JSON: the lines of `live --json`. */
export function ndjsonExporter(): Exporter {
  return { begin: () => '', write: (events) => events.map(jsonLine).join(''), end: () => '' };
}
