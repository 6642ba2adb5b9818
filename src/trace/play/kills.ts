import { decodeEvent } from '../../wire/codec.js';
import { TOPIC_ID } from '../../wire/topics.js';
import { isKillEvent } from '../kill-event.js';
import type { ChunkRef } from '../mcap/records.js';
import type { TraceMessage } from '../trace-message.js';
import type { Section, Timeline } from './timeline.js';

/** The moment of the first kill after `afterUs`; null = there is none. Chunks without kills are not even unpacked. */
export async function nextKillUs(timeline: Timeline, afterUs: number): Promise<number | null> {
  for (const section of timeline.sections) {
    if (section.endUs <= afterUs) continue;
    for (const chunk of section.file.chunks.slice(section.firstChunk)) {
      if (chunk.endUs + shiftUs(section) <= afterUs) continue;
      const found = (await killsIn(section, chunk)).find((timeUs) => timeUs > afterUs && timeUs >= section.startUs);
      if (found !== undefined) return found;
    }
  }
  return null;
}

/** The moment of the last kill before `beforeUs`; null = there is none. */
export async function previousKillUs(timeline: Timeline, beforeUs: number): Promise<number | null> {
  for (const section of timeline.sections.toReversed()) {
    if (section.startUs >= beforeUs) continue;
    for (const chunk of section.file.chunks.slice(section.firstChunk).reverse()) {
      if (chunk.startUs + shiftUs(section) >= beforeUs) continue;
      const found = (await killsIn(section, chunk)).findLast((timeUs) => timeUs < beforeUs);
      if (found !== undefined) return found;
    }
  }
  return null;
}

const KILL_TOPICS: readonly number[] = [TOPIC_ID['/oom/episode'], TOPIC_ID['/oom/victim']];

async function killsIn({ file, bootEpochUs }: Section, chunk: ChunkRef): Promise<number[]> {
  const topics = file.topicsIn(chunk);
  if (topics !== null && !topics.some((topic) => KILL_TOPICS.includes(topic))) return [];
  // A chunk or a message that cannot be read is told when it is played.
  const messages = await file.read(chunk).catch(() => null);
  const times: number[] = [];
  for (let index = 0; index < (messages?.count ?? 0); index++) {
    if (messages !== null && KILL_TOPICS.includes(messages.topicId(index)) && isKill(messages.message(index))) {
      times.push(messages.tUs(index) + bootEpochUs);
    }
  }
  return times;
}

function isKill(message: TraceMessage): boolean {
  try {
    return isKillEvent(decodeEvent(message));
  } catch {
    return false;
  }
}

function shiftUs(section: Section): number {
  return section.bootEpochUs - section.file.meta.bootEpochUs;
}
