import type { EpisodeEvent } from '../../src/events/episode.js';
import type { OomscopeEvent } from '../../src/events/event.js';
import type { VictimEvent } from '../../src/events/victim.js';
import { LogImport } from '../../src/kernel-log/log-import.js';
import type { LogSummary } from '../../src/kernel-log/log-reader.js';
import { ASSUMPTIONS } from './kernel-logs.js';

/** A log as `oomscope import` reads it: the events of each of its parts, in order. */
export function importedParts(log: string): { readonly parts: OomscopeEvent[][]; readonly summary: LogSummary } {
  const parts: OomscopeEvent[][] = [];
  const ended = new Set<number>();
  const reader = new LogImport(
    {
      events(part, events) {
        if (ended.has(part)) throw new Error(`part ${part} goes on behind its end`);
        parts[part - 1] = [...(parts[part - 1] ?? []), ...events];
      },
      end: (part) => ended.add(part),
    },
    ASSUMPTIONS,
    '0.1.0',
  );
  reader.push(new TextEncoder().encode(log));
  const summary = reader.end();
  if (ended.size !== parts.length) throw new Error(`${parts.length} parts, ${ended.size} ended`);
  return { parts, summary };
}

/** The events of a log of one part. */
export function importedEvents(log: string): OomscopeEvent[] {
  const { parts } = importedParts(log);
  const [events] = parts;
  if (events === undefined || parts.length > 1) throw new Error(`${parts.length} parts, not one`);
  return events;
}

/** The episode of a log that has one. */
export function onlyEpisode(events: readonly OomscopeEvent[]): EpisodeEvent {
  const episodes = events.filter((event) => event.topic === '/oom/episode');
  const [episode] = episodes;
  if (episode === undefined || episodes.length > 1) throw new Error(`${episodes.length} episodes, not one`);
  return episode;
}

export function victimSteps(events: readonly OomscopeEvent[]): VictimEvent[] {
  return events.filter((event) => event.topic === '/oom/victim');
}
