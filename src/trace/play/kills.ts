import type { OomscopeEvent } from '../../events/event.js';
import type { KillEvent } from '../../events/kill.js';
import { isOneDeed } from '../../model/one-deed.js';
import { decodeEvent } from '../../wire/codec.js';
import { TOPIC_ID } from '../../wire/topics.js';
import { isKillEvent } from '../kill-event.js';
import type { ChunkRef } from '../mcap/records.js';
import type { TraceMessage } from '../trace-message.js';
import type { Section, Timeline } from './timeline.js';

/**
 * The moment of the first kill after `afterUs`, by the kernel or by user space; null = there is none. Chunks without kills are not
 * even unpacked.
 */
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

const KILL_TOPICS: readonly number[] = [TOPIC_ID['/oom/episode'], TOPIC_ID['/oom/victim'], TOPIC_ID['/kill']];

async function killsIn({ file, bootEpochUs }: Section, chunk: ChunkRef): Promise<number[]> {
  const topics = file.topicsIn(chunk);
  if (topics !== null && !topics.some((topic) => KILL_TOPICS.includes(topic))) return [];
  // A chunk or a message that cannot be read is told when it is played.
  const messages = await file.read(chunk).catch(() => null);
  const times: number[] = [];
  let deed: KillEvent | null = null;
  for (let index = 0; index < (messages?.count ?? 0); index++) {
    if (messages === null || !KILL_TOPICS.includes(messages.topicId(index))) continue;
    const event = decoded(messages.message(index));
    if (event?.topic === '/kill' && event.step === 'sent') {
      if (deed !== null && isOneDeed(deed, event)) continue;
      deed = event;
      times.push(messages.tUs(index) + bootEpochUs);
    } else if (event !== null && isKillEvent(event)) {
      times.push(messages.tUs(index) + bootEpochUs);
    }
  }
  return times;
}

function decoded(message: TraceMessage): OomscopeEvent | null {
  try {
    return decodeEvent(message);
  } catch {
    return null;
  }
}

function shiftUs(section: Section): number {
  return section.bootEpochUs - section.file.meta.bootEpochUs;
}
