import { OomscopeError } from '../../base/errors.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { LossEvent } from '../../events/loss.js';
import { decodeEvent, type EncodedEvent } from '../../wire/codec.js';
import { KEYFRAME_ID, topicOf } from '../../wire/topics.js';
import type { ChunkMessages } from '../chunk-messages.js';
import type { ChunkRef } from '../mcap/records.js';
import { damaged } from '../trace-error.js';
import type { TraceMessage } from '../trace-message.js';
import { KeyframeAssembler } from './keyframe-assembler.js';
import type { Section, Timeline } from './timeline.js';

/** Events that belong together. */
export interface Batch {
  /** What was before is void, and these events are what is known, not news: behind a gap, at another boot, in a later file. */
  readonly restart: boolean;
  readonly events: readonly OomscopeEvent[];
}

export interface Taken {
  readonly batches: readonly Batch[];
  /** The time of the next message; null = there is none. */
  readonly nextUs: number | null;
}

/** Told what cannot be read; the reading goes on. */
export type OnProblem = (problem: OomscopeError) => void;

/** A place in the timeline from which events are taken in order. */
export class Playhead {
  #section: number;
  #chunk: number;
  #messages: ChunkMessages | null = null;
  #next = 0;
  /** The number of the last event taken; null = none of this run, so anything may follow. */
  #sequence: number | null = null;
  /** Events are missing since the last state of this run; before its first state all are. */
  #hasGap = true;
  #keyframe = new KeyframeAssembler();
  #hasState = false;
  /** An event was told, of this run or another. */
  #hasTold = false;
  #batches: { restart: boolean; events: OomscopeEvent[] }[] = [];
  #count = 0;

  /** Begins at a chunk, at the `message`-th message of it. */
  constructor(
    private readonly timeline: Timeline,
    private readonly onProblem: OnProblem,
    start: { readonly section: number; readonly chunk?: number; readonly message?: number } = { section: 0 },
  ) {
    this.#section = start.section;
    this.#chunk = start.chunk ?? timeline.sections[start.section]?.firstChunk ?? 0;
    this.#next = start.message ?? 0;
  }

  /** Whether a whole keyframe was met, so that what was taken since is the state and not a part of it. */
  get hasState(): boolean {
    return this.#hasState;
  }

  /** Takes what is due: up to and with `untilUs`, but no more than `maxEvents` at a time, save for whole keyframes. */
  async takeUntil(untilUs: number, maxEvents: number): Promise<Taken> {
    this.#batches = [];
    this.#count = 0;
    let nextUs = await this.#peekUs();
    while (nextUs !== null && nextUs <= untilUs && this.#count < maxEvents) {
      this.#takeFromChunk(untilUs, maxEvents);
      nextUs = await this.#peekUs();
    }
    return { batches: this.#batches.filter(({ restart, events }) => restart || events.length > 0), nextUs };
  }

  /** The time of the next message, its chunk being in memory. */
  async #peekUs(): Promise<number | null> {
    for (;;) {
      const section = this.timeline.sections[this.#section];
      if (section === undefined) return null;
      const messages = this.#messages;
      if (messages !== null && this.#next < messages.count) return messages.tUs(this.#next) + section.bootEpochUs;
      if (messages !== null) this.#leaveChunk();
      const chunk = section.file.chunks[this.#chunk];
      if (chunk === undefined) this.#enterSection(this.#section + 1);
      else await this.#enterChunk(section, chunk);
    }
  }

  #leaveChunk(): void {
    this.#messages = null;
    this.#next = 0;
    this.#chunk++;
  }

  #enterSection(index: number): void {
    const section = this.timeline.sections[index];
    this.#section = index;
    this.#chunk = section?.firstChunk ?? 0;
    if (section?.beginsRun) {
      this.#sequence = null;
      this.#hasGap = true;
    }
    if (section?.beginsBoot) this.#restart([]);
  }

  /** One that cannot be read is told and passed over. */
  async #enterChunk(section: Section, chunk: ChunkRef): Promise<void> {
    try {
      this.#messages = await section.file.read(chunk);
    } catch (error) {
      this.#tell(error, chunk.startUs - section.file.meta.bootEpochUs);
      this.#leaveChunk();
    }
  }

  #takeFromChunk(untilUs: number, maxEvents: number): void {
    const messages = this.#messages;
    if (messages === null) return;
    const epochUs = this.timeline.sections[this.#section]?.bootEpochUs ?? 0;
    for (; this.#next < messages.count && this.#count < maxEvents; this.#next++) {
      if (messages.tUs(this.#next) + epochUs > untilUs) return;
      const isKeyframe = messages.topicId(this.#next) === KEYFRAME_ID;
      const sequence = messages.sequence(this.#next);
      if (isKeyframe && this.#needsState(sequence)) this.#takeKeyframe(messages.message(this.#next));
      else if (!isKeyframe && this.#isNews(sequence)) this.#takeEvent(messages.message(this.#next));
    }
  }

  /** Not told by an earlier file already. */
  #isNews(sequence: number): boolean {
    return this.#sequence === null || !isAtOrBefore(sequence, this.#sequence);
  }

  #takeEvent(message: TraceMessage): void {
    const { sequence } = message;
    if (this.#sequence !== null && sequence !== (this.#sequence + 1) >>> 0) this.#hasGap = true;
    this.#sequence = sequence;
    const event = this.#decode(message);
    if (event !== null) this.#emit([event]);
  }

  /** A state is of use where nothing, or something else, was seen before; else it repeats what is known. */
  #needsState(sequence: number): boolean {
    const last = (sequence - 1) >>> 0;
    if (this.#sequence === null) return true;
    return this.#sequence === last ? this.#hasGap : !isAtOrBefore(last, this.#sequence);
  }

  #takeKeyframe(message: TraceMessage): void {
    let keyframe: ReturnType<KeyframeAssembler['add']>;
    try {
      keyframe = this.#keyframe.add(message);
    } catch (error) {
      this.#tell(this.#placed(error), message.tUs);
      return;
    }
    if (keyframe === null) return;
    const isOfRun = this.#sequence !== null;
    this.#hasState = true;
    this.#sequence = (keyframe.sequence - 1) >>> 0;
    this.#hasGap = false;
    const events = keyframe.entries.map((entry) => this.#decode(entry)).filter((event) => event !== null);
    // What an earlier run had stays, so the state of this one is added to it.
    const isBeginning = !this.#hasTold && events.length > 0;
    if (isOfRun || isBeginning) this.#restart(events);
    else this.#emit(events);
  }

  #restart(events: OomscopeEvent[]): void {
    this.#count += events.length;
    this.#batches.push({ restart: true, events });
  }

  /** Null = it cannot be decoded, which is told, or is of a topic that this version does not know. */
  #decode(encoded: EncodedEvent): OomscopeEvent | null {
    if (topicOf(encoded.topicId) === undefined) return null;
    try {
      return decodeEvent(encoded);
    } catch (error) {
      this.#tell(this.#placed(error), encoded.tUs);
      return null;
    }
  }

  /** What a decoder refuses, with the place of its chunk in the file. */
  #placed(error: unknown): unknown {
    const file = this.timeline.sections[this.#section]?.file;
    const chunk = file?.chunks[this.#chunk];
    if (!(error instanceof OomscopeError) || file === undefined || chunk === undefined) return error;
    return damaged(file.name, chunk.atByte, `message ${this.#next} of the chunk there: ${error.message}`, error);
  }

  #emit(events: readonly OomscopeEvent[]): void {
    this.#count += events.length;
    this.#hasTold ||= events.length > 0;
    const last = this.#batches.at(-1);
    if (last === undefined || last.restart) this.#batches.push({ restart: false, events: [...events] });
    else for (const event of events) last.events.push(event);
  }

  /** What cannot be read is a loss like any other. */
  #tell(error: unknown, tUs: number): void {
    if (!(error instanceof OomscopeError)) throw error;
    this.onProblem(error);
    const loss: LossEvent = { topic: '/loss', tUs, where: 'undecodable', count: 1, meaning: error.message };
    this.#emit([loss]);
  }
}

/** In numbers that wrap at 2^32. */
function isAtOrBefore(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}
