import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { retainedEvents } from '../../model/retained.js';
import { isFirstPart } from '../../wire/keyframe.js';
import { KEYFRAME_ID } from '../../wire/topics.js';
import type { TraceFile } from '../trace-file.js';
import { type OnProblem, Playhead } from './playhead.js';
import type { Section, Timeline } from './timeline.js';

/** What a seek comes to: the events that make the state, and where to go on from. */
export interface Sought {
  readonly events: readonly OomscopeEvent[];
  readonly playhead: Playhead;
}

/**
 * A seek begins that much before its moment, as far as the file's section goes back and so few (packed) bytes tell of it: then what
 * led there can be drawn, and not only how things stood.
 */
const LEAD_US = 120_000_000;
const LEAD_BYTES = 1024 * 1024;

/** Finds the state at a moment as if all up to it had been watched, from the last keyframe before it. */
export class Seeker {
  /** What each earlier run had at its end: it stays on the screen when oomscope was started anew. */
  readonly #ends = new Map<Section, readonly OomscopeEvent[]>();

  constructor(
    private readonly timeline: Timeline,
    private readonly onProblem: OnProblem,
  ) {}

  async seek(timeUs: number): Promise<Sought> {
    const section = this.timeline.sectionAt(timeUs);
    const earlier: OomscopeEvent[] = [];
    for (const end of this.#endsOfEarlierRuns(section)) earlier.push(...(await this.#endState(end)));
    const { events, playhead } = await this.#seekInSection(section, timeUs, this.#leadFromUs(section, timeUs));
    return { events: [...earlier, ...events], playhead };
  }

  /** The last sections of the runs of the same boot that were over when this section's run began. */
  #endsOfEarlierRuns(section: number): number[] {
    const ends: number[] = [];
    for (let index = section; index > 0; index--) {
      const current = this.timeline.sections[index];
      if (current === undefined || current.beginsBoot) break;
      if (current.beginsRun) ends.unshift(index - 1);
    }
    return ends;
  }

  async #endState(index: number): Promise<readonly OomscopeEvent[]> {
    const section = this.timeline.sections[index];
    if (section === undefined) return [];
    const known = this.#ends.get(section);
    if (known !== undefined) return known;
    const { events } = await this.#seekInSection(index, section.endUs, section.endUs);
    const state = retainedEvents(applyEvents(initialModel, events));
    this.#ends.set(section, state);
    return state;
  }

  /** Where the reading should begin. */
  #leadFromUs(index: number, timeUs: number): number {
    const section = this.timeline.sections[index];
    if (section === undefined) return timeUs;
    const shiftUs = section.bootEpochUs - section.file.meta.bootEpochUs;
    let bytes = 0;
    let fromUs = timeUs;
    for (const chunk of section.file.chunks.toReversed()) {
      const startUs = chunk.startUs + shiftUs;
      if (startUs > timeUs) continue;
      bytes += chunk.lengthBytes;
      if (bytes > LEAD_BYTES) break;
      fromUs = Math.max(startUs, timeUs - LEAD_US);
      if (fromUs > startUs) break;
    }
    return fromUs;
  }

  /** The state at `timeUs`, and the events that led there from `fromUs` on or from some time before. */
  async #seekInSection(index: number, timeUs: number, fromUs: number): Promise<Sought> {
    const section = this.timeline.sections[index];
    if (section !== undefined) {
      for await (const start of keyframesBackwards(section, fromUs)) {
        const playhead = new Playhead(this.timeline, this.onProblem, { section: index, ...start });
        const events = await eventsUntil(playhead, Math.min(timeUs, section.endUs));
        // A keyframe with a part missing is none: the one before it will do.
        if (playhead.hasState) return { events, playhead };
      }
    }
    const playhead = new Playhead(this.timeline, this.onProblem, { section: Math.max(0, index), chunk: 0 });
    return { events: await eventsUntil(playhead, timeUs), playhead };
  }
}

/** So many events are kept as they are; more are folded and only what the model retains is kept. */
const MAX_EVENTS = 50_000;

/** The events that give the state at a moment. A file without keyframes is read from its start, in bounded memory. */
async function eventsUntil(playhead: Playhead, timeUs: number): Promise<readonly OomscopeEvent[]> {
  let events: OomscopeEvent[] = [];
  for (;;) {
    const { batches, nextUs } = await playhead.takeUntil(timeUs, MAX_EVENTS);
    for (const batch of batches) events = batch.restart ? [...batch.events] : events.concat(batch.events);
    if (nextUs === null || nextUs > timeUs) return events;
    if (events.length >= MAX_EVENTS) events = retainedEvents(applyEvents(initialModel, events));
  }
}

/** Where keyframes begin that were written at or before a moment, the latest first. */
async function* keyframesBackwards(
  section: Section,
  timeUs: number,
): AsyncGenerator<{ readonly chunk: number; readonly message: number }> {
  const { file, bootEpochUs } = section;
  const shiftUs = bootEpochUs - file.meta.bootEpochUs;
  for (let chunk = file.chunks.length - 1; chunk >= 0; chunk--) {
    const ref = file.chunks[chunk];
    if (ref === undefined || ref.startUs + shiftUs > timeUs) continue;
    if (!(file.topicsIn(ref)?.includes(KEYFRAME_ID) ?? true)) continue;
    for (const message of await firstParts(file, chunk, timeUs - bootEpochUs)) yield { chunk, message };
  }
}

/** The indexes of the first parts of keyframes in a chunk, the latest first; none where it cannot be read. */
async function firstParts(file: TraceFile, chunk: number, untilUs: number): Promise<number[]> {
  const ref = file.chunks[chunk];
  // What is wrong with it is told by whoever plays it.
  const messages = ref === undefined ? [] : await file.read(ref).catch(() => []);
  const indexes: number[] = [];
  messages.forEach(({ topicId, tUs, payload }, index) => {
    if (topicId === KEYFRAME_ID && tUs <= untilUs && begins(payload)) indexes.unshift(index);
  });
  return indexes;
}

function begins(payload: Uint8Array): boolean {
  try {
    return isFirstPart(payload);
  } catch {
    return false;
  }
}
