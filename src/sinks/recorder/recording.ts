import { OomscopeError } from '../../base/errors.js';
import { plural } from '../../base/units.js';
import type { OomscopeEvent, Topic } from '../../events/event.js';
import type { LossEvent } from '../../events/loss.js';
import type { SessionEvent } from '../../events/session.js';
import type { Model } from '../../model/model.js';
import type { TraceKind, TraceMeta } from '../../trace/metadata.js';
import { SCHEMA_VERSION } from '../../trace/schema-version.js';
import type { Pack } from '../../trace/zstd.js';
import { KeyframeClock } from './keyframe-clock.js';
import type { EventNumbers, NumberedEvent } from './numbered-events.js';
import { TraceFileWriter, type WriteFailure } from './trace-file-writer.js';
import { freeBytes, type TracePlace } from './trace-place.js';
import type { TraceTarget } from './trace-sink.js';

/** What a recording needs of its surroundings. */
export interface RecorderTools {
  readonly numbers: EventNumbers;
  readonly pack: Pack;
  /** Names this run of oomscope in its files. */
  readonly runId: string;
  /** Puts an event into the flow: what goes wrong here concerns all. Never called from within `write`. */
  readonly announce: (event: LossEvent) => void;
}

export interface RecordingLimits {
  /** A file is closed and the next begun at this size … */
  readonly fileBytes: number;
  /** … or this age. */
  readonly fileAgeMs: number;
  /** How much may wait for the disk. */
  readonly queueBytes: number;
  /** How long an event waits for its chunk to be closed: less than a second, so that less than that is lost. */
  readonly chunkMs: number;
  /** After a failure: how often to try again, and how much room there must be. */
  readonly retryMs: number;
  readonly resumeFreeBytes: number;
}

const RECORDING_LIMITS: RecordingLimits = {
  fileBytes: Number.POSITIVE_INFINITY,
  fileAgeMs: Number.POSITIVE_INFINITY,
  queueBytes: 32 * 1024 * 1024,
  chunkMs: 750,
  retryMs: 5_000,
  resumeFreeBytes: 16 * 1024 * 1024,
};

/** What may be left out when the disk is slow; the last quarter of the queue is kept for the rest. */
const IS_BULK = {
  '/session': false,
  '/oom/episode': false,
  '/oom/victim': false,
  '/identity': false,
  '/loss': true,
  '/cgroup': false,
  '/memory/sample': true,
  '/memory/stat': true,
  '/node': true,
  '/pressure': true,
  '/reclaim': true,
  '/throttle': true,
  '/near-miss': false,
  '/gap': true,
  '/kill': false,
  '/process': true,
  '/kube': false,
} as const satisfies Record<Topic, boolean>;

/**
 * Writes all events into a file, and then into the next. It never blocks: what the disk cannot take is counted and
 * announced. When a file fails it stops, says so, and begins a new file when there is room again.
 */
export class Recording implements TraceTarget {
  readonly #limits: RecordingLimits;
  #writer: TraceFileWriter | null = null;
  #openedMs = 0;
  #keyframes = new KeyframeClock();
  #chunkTimer: NodeJS.Timeout | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  /** Events that are in no file, since this was last announced. */
  #missed = 0;
  #needsKeyframe = false;
  #isStopped = false;
  #closed = false;
  #nowUs = 0;
  readonly #closing = new Set<Promise<void>>();

  constructor(
    private readonly tools: RecorderTools,
    private readonly place: TracePlace,
    limits: Partial<RecordingLimits> = {},
  ) {
    this.#limits = { ...RECORDING_LIMITS, ...limits };
  }

  /** The file that is being written; null = none. */
  get path(): string | null {
    return this.#writer?.path ?? null;
  }

  write(items: readonly NumberedEvent[], before: Model, after: Model): void {
    this.#nowUs = after.nowUs ?? this.#nowUs;
    const first = items[0];
    if (first === undefined || this.#closed) return;
    if (this.#isStopped) {
      this.#miss(items);
      return;
    }
    if (this.#isFileFull()) this.#closeFile();
    // A file says of which host and boot it is: without a session there is none yet.
    this.#writer ??= after.session === null ? null : this.#openFile(after.session, first);
    const writer = this.#writer;
    if (writer === null) {
      this.#miss(items);
      return;
    }
    this.#writeKeyframe(writer, first, before);
    for (const item of items) this.#add(writer, item);
    this.#chunkTimer ??= setTimeout(() => this.#endChunk(), this.#limits.chunkMs);
  }

  /** Throws E_FILE_UNWRITABLE when events are missing at the end: there is no file any more to say so. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#chunkTimer !== null) clearTimeout(this.#chunkTimer);
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#closeFile();
    await Promise.all(this.#closing);
    if (!this.#isStopped && this.#missed === 0) return;
    throw new OomscopeError(
      'E_FILE_UNWRITABLE',
      `The end of the recording is in no file (${plural(this.#missed, 'event')}).`,
      `Make room in ${this.place.directory}; what was written before is intact.`,
    );
  }

  #add(writer: TraceFileWriter, item: NumberedEvent): void {
    const { message } = item;
    const taken = writer.add(message, this.#limitFor(item));
    if (taken) this.#keyframes.added(message.payload.length);
    else this.#miss([item]);
    // A reader that comes to the gap gets the whole state behind it.
    this.#needsKeyframe ||= !taken;
  }

  /** How much may wait before this event. What tells of missing events must not be missing too; it is rare. */
  #limitFor({ event }: NumberedEvent): number {
    const { queueBytes } = this.#limits;
    if (isOwn(event)) return Number.POSITIVE_INFINITY;
    return IS_BULK[event.topic] ? queueBytes * 0.75 : queueBytes;
  }

  /** At a file's beginning, after a gap, and every few seconds. */
  #writeKeyframe(writer: TraceFileWriter, next: NumberedEvent, before: Model): void {
    if (!this.#needsKeyframe && !this.#keyframes.isDue(performance.now())) return;
    // Half a keyframe is none: it waits until there is room, and then goes in whole, however large the state is.
    if (writer.waitingBytes > this.#limits.queueBytes / 2) return;
    const { sequence, tUs } = next.message;
    const parts = this.tools.numbers.keyframe(before, sequence, tUs);
    this.#needsKeyframe = !parts.every((part) => writer.add(part, Number.POSITIVE_INFINITY));
    if (!this.#needsKeyframe) {
      const bytes = parts.reduce((sum, { payload }) => sum + payload.length, 0);
      this.#keyframes.written(performance.now(), bytes);
    }
  }

  #isFileFull(): boolean {
    if (this.#writer === null) return false;
    const { fileBytes, fileAgeMs } = this.#limits;
    return this.#writer.sizeBytes >= fileBytes || performance.now() - this.#openedMs >= fileAgeMs;
  }

  #openFile(session: SessionEvent, first: NumberedEvent): TraceFileWriter {
    const meta = metaOf(session, 'recording', this.tools.runId);
    const epochUs = meta.bootEpochUs + first.message.tUs;
    this.#openedMs = performance.now();
    this.#keyframes = new KeyframeClock();
    this.#needsKeyframe = true;
    const writer = new TraceFileWriter({
      path: this.place.nextPath(meta.hostname, epochUs, null),
      meta,
      pack: this.tools.pack,
      queueLimitBytes: this.#limits.queueBytes,
      onFailed: (failure) => this.#stop(writer, failure),
    });
    // What cannot be removed now is tried again with the next file.
    this.place.prune().catch(() => {});
    return writer;
  }

  #closeFile(): void {
    const writer = this.#writer;
    if (writer === null) return;
    this.#writer = null;
    const closing: Promise<void> = writer.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #endChunk(): void {
    this.#chunkTimer = null;
    this.#writer?.closeChunk();
    // A file that has just failed says so itself: the disk was not slow.
    if (this.#missed > 0 && !this.#isStopped && this.#writer?.hasFailed !== true) {
      this.#announce('events that are in no trace file: the disk was too slow for them, or they were too large');
    }
  }

  #stop(writer: TraceFileWriter, { error, lostCount }: WriteFailure): void {
    if (this.#writer === writer) this.#writer = null;
    this.#missed += lostCount;
    const isNew = !this.#isStopped;
    this.#isStopped = true;
    if (this.#closed) return;
    if (isNew) {
      this.#announce(
        `recording to ${writer.path} has stopped: ${error.message}; a new file begins when it can be written again`,
      );
    }
    this.#retryTimer ??= setTimeout(() => void this.#retry(), this.#limits.retryMs);
  }

  async #retry(): Promise<void> {
    const free = await freeBytes(this.place.directory);
    this.#retryTimer = null;
    if (this.#closed) return;
    if (free < this.#limits.resumeFreeBytes) {
      this.#retryTimer = setTimeout(() => void this.#retry(), this.#limits.retryMs);
      return;
    }
    this.#isStopped = false;
    this.#announce('events that are in no trace file, since none could be written; a new file begins here');
  }

  #announce(meaning: string): void {
    const count = this.#missed;
    this.#missed = 0;
    this.tools.announce({ topic: '/loss', tUs: this.#nowUs, where: 'recorder', count, meaning });
  }

  /** Our own announcements are not counted as missed: they are in the state that the next file begins with. */
  #miss(items: readonly NumberedEvent[]): void {
    this.#missed += items.filter(({ event }) => !isOwn(event)).length;
  }
}

/** An announcement of ours, come back. */
function isOwn(event: OomscopeEvent): boolean {
  return event.topic === '/loss' && event.where === 'recorder';
}

/** What a file says of itself, from the session that is now. */
export function metaOf(
  session: SessionEvent,
  kind: TraceKind,
  runId: string,
  incidentId: string | null = null,
): TraceMeta {
  return {
    schemaVersion: SCHEMA_VERSION,
    oomscopeVersion: session.oomscopeVersion,
    kind,
    hostname: session.hostname ?? '',
    // Without one it is nobody else's boot.
    bootId: session.bootId ?? runId,
    runId,
    // A board without a clock begins in 1970, and a log may have no dates: then the boot is the zero.
    bootEpochUs: Math.max(0, (session.anchorEpochUs ?? 0) - session.anchorBootUs),
    incidentId,
  };
}
