import type { OomscopeEvent } from '../../src/events/event.js';
import { applyEvent, initialModel } from '../../src/model/fold.js';
import type { Model } from '../../src/model/model.js';
import { retainedEvents } from '../../src/model/retained.js';
import type { TraceMeta } from '../../src/trace/metadata.js';
import { TraceBuilder } from '../../src/trace/trace-builder.js';
import type { TraceMessage } from '../../src/trace/trace-message.js';
import { loadZstd } from '../../src/trace/zstd-wasm.js';
import { encodeEvent } from '../../src/wire/codec.js';
import { encodeKeyframePart } from '../../src/wire/keyframe.js';
import { KEYFRAME_ID } from '../../src/wire/topics.js';

/** Trace files in memory, for tests of what reads them. */

export const zstd = await loadZstd();

export function sampleMeta(over: Partial<TraceMeta> = {}): TraceMeta {
  return {
    schemaVersion: 1,
    oomscopeVersion: '0.1.0',
    kind: 'recording',
    hostname: 'node-1',
    bootId: '0f0e0d0c-0b0a-0908-0706-050403020100',
    runId: 'run-1',
    bootEpochUs: 1_700_000_000_000_000,
    incidentId: null,
    ...over,
  };
}

/** The messages of these events, numbered from `first`. */
export function messagesOf(events: readonly OomscopeEvent[], first = 1): TraceMessage[] {
  return events.map((event, index) => ({ ...encodeEvent(event), sequence: first + index }));
}

/** A keyframe in one part that holds these events; `next` is the number of the event after it. */
export function keyframeOf(events: readonly OomscopeEvent[], tUs: number, next: number): TraceMessage {
  const payload = encodeKeyframePart({ part: 0, partCount: 1, entries: events.map(encodeEvent) });
  return { topicId: KEYFRAME_ID, tUs, sequence: next, payload };
}

/** The pieces of a file: its beginning, each chunk, its end. */
export function tracePieces(chunks: readonly (readonly TraceMessage[])[], meta: Partial<TraceMeta> = {}): Uint8Array[] {
  const builder = new TraceBuilder(sampleMeta(meta), zstd.pack);
  const pieces = [builder.begin()];
  for (const messages of chunks) {
    for (const message of messages) builder.add(message);
    const piece = builder.closeChunk();
    if (piece !== null) pieces.push(piece);
  }
  return [...pieces, builder.end()];
}

export function traceBytes(chunks: readonly (readonly TraceMessage[])[], meta: Partial<TraceMeta> = {}): Uint8Array {
  return new Uint8Array(Buffer.concat(tracePieces(chunks, meta)));
}

/** In chunks of `size`. */
export function inChunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/**
 * Messages as a recorder writes them: the events, numbered, with the state as a keyframe of `parts` parts at the
 * beginning and then before every `every`-th event. `before` is what the state holds already.
 */
export function recorded(
  events: readonly OomscopeEvent[],
  { every = 10, parts = 3, first = 1, before = initialModel } = {},
): TraceMessage[] {
  let model = before;
  return events.flatMap((event, index) => {
    const sequence = first + index;
    const message: TraceMessage = { ...encodeEvent(event), sequence };
    const tUs = model.nowUs ?? event.tUs;
    const keyframe = index % every === 0 ? keyframeParts(model, parts, tUs, sequence) : [];
    model = applyEvent(model, event);
    return [...keyframe, message];
  });
}

function keyframeParts(model: Model, parts: number, tUs: number, sequence: number): TraceMessage[] {
  const entries = retainedEvents(model).map(encodeEvent);
  const size = Math.max(1, Math.ceil(entries.length / parts));
  const split = entries.length === 0 ? [[]] : inChunks(entries, size);
  return split.map((some, part) => ({
    topicId: KEYFRAME_ID,
    tUs,
    sequence,
    payload: encodeKeyframePart({ part, partCount: split.length, entries: some }),
  }));
}
