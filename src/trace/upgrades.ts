import { SCHEMA_VERSION } from './schema-version.js';
import type { TraceMessage } from './trace-message.js';

/** How a message of one schema version becomes one of the next. */
export interface Upgrade {
  /** What changed, for docs/trace-format.md. */
  readonly what: string;
  /** Topic, time and number stay. */
  readonly apply: (message: TraceMessage) => TraceMessage;
}

/** By the version that they upgrade from. Version 1 is the first, so there is none yet. */
export const UPGRADES: ReadonlyMap<number, Upgrade> = new Map();

/** A message of a file of `version` as this version has it. */
export function upgraded(
  message: TraceMessage,
  version: number,
  upgrades: ReadonlyMap<number, Upgrade> = UPGRADES,
  to: number = SCHEMA_VERSION,
): TraceMessage {
  let current = message;
  for (let from = version; from < to; from++) {
    const upgrade = upgrades.get(from);
    if (upgrade !== undefined) current = upgrade.apply(current);
  }
  return current;
}
