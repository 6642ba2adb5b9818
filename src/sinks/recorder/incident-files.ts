import type { OomscopeEvent } from '../../events/event.js';
import { episodeIncidentId, findVictimIncident } from '../../model/incidents.js';
import type { Model } from '../../model/model.js';
import { isKillEvent } from '../../trace/kill-event.js';
import type { TraceMessage } from '../../trace/trace-message.js';
import { type FlightRecorder, stateOf } from '../flight-recorder.js';
import { KeyframeClock } from './keyframe-clock.js';
import { keyframeOf, type NumberedBytes, type NumberedEvent } from './numbered-events.js';
import { metaOf, type RecorderTools } from './recording.js';
import { TraceFileWriter } from './trace-file-writer.js';
import type { TracePlace } from './trace-place.js';
import type { TraceTarget } from './trace-sink.js';

export interface IncidentLimits {
  /** How long a file goes on after its last kill … */
  readonly afterMs: number;
  /** … and in all, and how large it gets: a storm of kills makes several files. */
  readonly fileAgeMs: number;
  readonly fileBytes: number;
  readonly queueBytes: number;
  readonly chunkMs: number;
}

const INCIDENT_LIMITS: IncidentLimits = {
  afterMs: 30_000,
  fileAgeMs: 300_000,
  fileBytes: 64 * 1024 * 1024,
  queueBytes: 32 * 1024 * 1024,
  chunkMs: 750,
};

/** A file that is being written. */
interface OpenIncident {
  readonly writer: TraceFileWriter;
  readonly openedMs: number;
  endTimer: NodeJS.Timeout;
}

/**
 * A kill writes a file by itself: what the flight recorder has of the time before, the kill, and what comes after. What was
 * before is on the disk within a second, for the next victim may be this very process.
 */
export class IncidentFiles implements TraceTarget {
  readonly #limits: IncidentLimits;
  #open: OpenIncident | null = null;
  #keyframes = new KeyframeClock();
  #chunkTimer: NodeJS.Timeout | null = null;
  #closed = false;
  #nowUs = 0;
  #missed = 0;
  readonly #closing = new Set<Promise<void>>();

  constructor(
    private readonly tools: RecorderTools,
    private readonly place: TracePlace,
    private readonly recorder: FlightRecorder,
    limits: Partial<IncidentLimits> = {},
  ) {
    this.#limits = { ...INCIDENT_LIMITS, ...limits };
  }

  write(items: readonly NumberedEvent[], before: Model, after: Model): void {
    if (this.#closed) return;
    this.#nowUs = after.nowUs ?? this.#nowUs;
    this.recorder.take(
      items.map(({ event }) => event),
      after,
    );
    if (this.#isFileFull()) this.#closeFile();
    const kill = items.find(({ event }) => isKillEvent(event));
    if (this.#open !== null) this.#continue(items, before, kill !== undefined);
    else if (kill !== undefined) this.#begin(kill, after);
    if (this.#open !== null) this.#chunkTimer ??= setTimeout(() => this.#endChunk(), this.#limits.chunkMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closeFile();
    await Promise.all(this.#closing);
  }

  #begin(kill: NumberedEvent, after: Model): void {
    // No more than can wait for the disk beside the kill itself: that must not be what is left out.
    const flight = this.recorder.flight(this.#limits.queueBytes / 2);
    const first = flight.items[0];
    if (after.session === null || first === undefined) return;
    const incidentId = incidentIdOf(kill.event, after);
    const meta = metaOf(after.session, 'incident', this.tools.runId, incidentId);
    const writer = new TraceFileWriter({
      path: this.place.nextPath(meta.hostname, meta.bootEpochUs + kill.event.tUs, incidentId),
      meta,
      pack: this.tools.pack,
      queueLimitBytes: this.#limits.queueBytes,
      onFailed: ({ error, lostCount }) => {
        if (this.#open?.writer === writer) this.#closeFile();
        this.#missed += lostCount;
        this.#announce(`the incident file ${writer.path} could not be written whole: ${error.message}`);
      },
    });
    this.#open = { writer, openedMs: performance.now(), endTimer: this.#endLater() };
    this.#keyframes = new KeyframeClock();
    const { sequence, tUs } = first.message;
    const state = stateOf(flight, this.tools.numbers);
    this.#writeKeyframe(writer, keyframeOf(state, sequence, flight.kills.nowUs ?? tUs));
    this.#add(writer, flight.items);
    // What cannot be removed now is tried again with the next file.
    this.place.prune().catch(() => {});
  }

  #continue(items: readonly NumberedEvent[], before: Model, hasKill: boolean): void {
    const open = this.#open;
    const first = items[0];
    if (open === null || first === undefined) return;
    if (this.#keyframes.isDue(performance.now())) {
      const { sequence, tUs } = first.message;
      this.#writeKeyframe(open.writer, this.tools.numbers.keyframe(before, sequence, tUs));
    }
    this.#add(open.writer, items);
    if (!hasKill) return;
    clearTimeout(open.endTimer);
    open.endTimer = this.#endLater();
  }

  #writeKeyframe(writer: TraceFileWriter, parts: readonly TraceMessage[]): void {
    let bytes = 0;
    for (const part of parts) {
      writer.add(part);
      bytes += part.payload.length;
    }
    this.#keyframes.written(performance.now(), bytes);
  }

  #add(writer: TraceFileWriter, items: readonly NumberedBytes[]): void {
    for (const { message } of items) {
      if (writer.add(message)) this.#keyframes.added(message.payload.length);
      else this.#missed++;
    }
  }

  #endLater(): NodeJS.Timeout {
    return setTimeout(() => this.#closeFile(), this.#limits.afterMs);
  }

  #isFileFull(): boolean {
    if (this.#open === null) return false;
    const { writer, openedMs } = this.#open;
    return writer.sizeBytes >= this.#limits.fileBytes || performance.now() - openedMs >= this.#limits.fileAgeMs;
  }

  #closeFile(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    clearTimeout(open.endTimer);
    if (this.#chunkTimer !== null) clearTimeout(this.#chunkTimer);
    this.#chunkTimer = null;
    const closing: Promise<void> = open.writer.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #endChunk(): void {
    this.#chunkTimer = null;
    this.#open?.writer.closeChunk();
    if (this.#missed > 0) this.#announce('events that are missing in an incident file: the disk was too slow for them');
  }

  #announce(meaning: string): void {
    const count = this.#missed;
    this.#missed = 0;
    this.tools.announce({ topic: '/loss', tUs: this.#nowUs, where: 'recorder', count, meaning });
  }
}

function incidentIdOf(event: OomscopeEvent, model: Model): string | null {
  if (event.topic === '/oom/episode') return episodeIncidentId(event.episodeUs);
  if (event.topic !== '/oom/victim') return null;
  return findVictimIncident(model.incidents, event)?.id ?? null;
}
