import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { retainedEvents } from '../../model/retained.js';
import { isFirstPart } from '../../wire/keyframe.js';
import { KEYFRAME_ID } from '../../wire/topics.js';
import { type OnProblem, Playhead } from './playhead.js';
import type { Section, Timeline } from './timeline.js';

/** What a seek comes to: the events that make the state, and where to go on from. */
export interface Sought {
  readonly events: readonly OomscopeEvent[];
  readonly playhead: Playhead;
}

/**
 * A seek tells what happened for that long before its moment, so that it can be drawn and not only how things stood; less where
 * more (packed) bytes tell of it.
 */
const LEAD_US = 120_000_000;
const LEAD_BYTES = 512 * 1024;
/** Where more than this would have to be read for the lead, it begins with a keyframe inside it instead. */
const MAX_READ_BYTES = 4 * LEAD_BYTES;

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

  /** Where the lead begins. */
  #leadFromUs(index: number, timeUs: number): number {
    const section = this.timeline.sections[index];
    if (section === undefined) return timeUs;
    let bytes = 0;
    let fromUs = timeUs;
    for (const chunk of section.file.chunks.toReversed()) {
      const startUs = chunk.startUs + shiftUs(section);
      if (startUs > timeUs) continue;
      bytes += chunk.lengthBytes;
      if (bytes > LEAD_BYTES) break;
      fromUs = Math.max(startUs, timeUs - LEAD_US);
      if (fromUs > startUs) break;
    }
    return fromUs;
  }

  /** The state at `timeUs`, and the events that led there from `fromUs` on. */
  async #seekInSection(index: number, timeUs: number, fromUs: number): Promise<Sought> {
    const section = this.timeline.sections[index];
    if (section !== undefined) {
      for await (const start of startsFor(section, fromUs, timeUs)) {
        const playhead = new Playhead(this.timeline, this.onProblem, { section: index, ...start });
        const events = await eventsUntil(playhead, fromUs, Math.min(timeUs, section.endUs));
        // A keyframe with a part missing is none: the one before it will do.
        if (playhead.hasState) return { events, playhead };
      }
    }
    const playhead = new Playhead(this.timeline, this.onProblem, { section: Math.max(0, index), chunk: 0 });
    return { events: await eventsUntil(playhead, fromUs, timeUs), playhead };
  }
}

/** So many events at a time. */
const EVENTS_AT_A_TIME = 5_000;
/** So many of the lead are kept as they are; and so many that stand before it. */
const MAX_LEAD_EVENTS = 50_000;
const MAX_EVENTS_BEFORE = 5_000;

/**
 * The events that give the state at `timeUs`: those from `fromUs` on as they are; of more than a few before it, only what the model
 * retains. So memory is bounded, also where a file without keyframes is read from its start.
 */
async function eventsUntil(playhead: Playhead, fromUs: number, timeUs: number): Promise<readonly OomscopeEvent[]> {
  let model = initialModel;
  let events: OomscopeEvent[] = [];
  for (;;) {
    const { batches, nextUs } = await playhead.takeUntil(timeUs, EVENTS_AT_A_TIME);
    for (const batch of batches) {
      if (batch.restart) model = initialModel;
      events = batch.restart ? [...batch.events] : events.concat(batch.events);
    }
    if (nextUs === null || nextUs > timeUs)
      return model === initialModel ? events : [...retainedEvents(model), ...events];
    if (events.length > (nextUs < fromUs ? MAX_EVENTS_BEFORE : MAX_LEAD_EVENTS)) {
      model = applyEvents(model, events);
      events = [];
    }
  }
}

interface Place {
  readonly chunk: number;
  readonly message: number;
}

/** The keyframes to begin with, the best first; the others are for when it turns out to be broken. */
async function* startsFor(section: Section, fromUs: number, timeUs: number): AsyncGenerator<Place> {
  const before = keyframesBackwards(section, fromUs);
  const last = await before.next();
  if (last.done || packedBytes(section, last.value.chunk, timeUs) > MAX_READ_BYTES) {
    const inside = await firstKeyframe(section, last.done ? 0 : last.value.chunk, fromUs, timeUs);
    if (inside !== null) yield inside;
  }
  if (last.done) return;
  yield last.value;
  yield* before;
}

/** What has to be read from a chunk on to come to a moment. */
function packedBytes(section: Section, fromChunk: number, timeUs: number): number {
  return section.file.chunks
    .slice(fromChunk)
    .reduce((sum, chunk) => (chunk.startUs + shiftUs(section) > timeUs ? sum : sum + chunk.lengthBytes), 0);
}

/** Where keyframes begin that were written at or before a moment, the latest first. */
async function* keyframesBackwards(section: Section, timeUs: number): AsyncGenerator<Place> {
  const { chunks } = section.file;
  for (let chunk = chunks.length - 1; chunk >= 0; chunk--) {
    for (const place of (await keyframesIn(section, chunk, 0, timeUs)).reverse()) yield place;
  }
}

/** The first keyframe after `fromUs`, up to `untilUs`; null = there is none. */
async function firstKeyframe(
  section: Section,
  fromChunk: number,
  fromUs: number,
  untilUs: number,
): Promise<Place | null> {
  const { chunks } = section.file;
  for (let chunk = fromChunk; chunk < chunks.length; chunk++) {
    const ref = chunks[chunk];
    if (ref === undefined || ref.startUs + shiftUs(section) > untilUs) return null;
    const [first] = ref.endUs + shiftUs(section) <= fromUs ? [] : await keyframesIn(section, chunk, fromUs, untilUs);
    if (first !== undefined) return first;
  }
  return null;
}

/** Where keyframes begin in a chunk that are later than `fromUs` and not later than `untilUs`; none where it cannot be read. */
async function keyframesIn(section: Section, chunk: number, fromUs: number, untilUs: number): Promise<Place[]> {
  const { file, bootEpochUs } = section;
  const ref = file.chunks[chunk];
  if (ref === undefined || ref.startUs + shiftUs(section) > untilUs) return [];
  if (!(file.topicsIn(ref)?.includes(KEYFRAME_ID) ?? true)) return [];
  // What is wrong with it is told by whoever plays it.
  const messages = await file.read(ref).catch(() => null);
  const places: Place[] = [];
  for (let message = 0; message < (messages?.count ?? 0); message++) {
    if (messages?.topicId(message) !== KEYFRAME_ID) continue;
    const timeUs = messages.tUs(message) + bootEpochUs;
    if (timeUs > fromUs && timeUs <= untilUs && begins(messages.message(message).payload)) {
      places.push({ chunk, message });
    }
  }
  return places;
}

function shiftUs(section: Section): number {
  return section.bootEpochUs - section.file.meta.bootEpochUs;
}

function begins(payload: Uint8Array): boolean {
  try {
    return isFirstPart(payload);
  } catch {
    return false;
  }
}
