import type { OomscopeEvent } from '../../events/event.js';
import type { Incident } from '../../model/model.js';
import { retainedEvents } from '../../model/retained.js';
import { encodeHistoryComplete } from '../../wire/frame.js';
import type { FlightRecorder } from '../flight-recorder.js';
import type { EventNumbers } from '../recorder/numbered-events.js';

/** What a late client is sent at most, of incidents before the last minutes and of these minutes each. */
const HISTORY_LIMIT_BYTES = 8 * 1024 * 1024;

/** So that one message does not hold up the socket, and the page can work while the rest comes. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The past as frames: folded, they give the present model again, save for the oldest incidents where all would be more
 * than `limitBytes`; the marker at the end says how many those are. Whole incidents only: half a one would tell a lie.
 * Of the last minutes each event is there, so that lines can be drawn.
 */
export function historyFrames(recorder: FlightRecorder, nowUs: number, limitBytes = HISTORY_LIMIT_BYTES): Buffer[] {
  const { numbers } = recorder;
  const { kills, memory, items } = recorder.flight(limitBytes);
  const incidents = newestWithin(kills.incidents, numbers, limitBytes);
  const leftOut = kills.incidents.length - incidents.length;
  return inChunks([
    ...memory.map(({ frame }) => frame),
    ...retainedEvents({ ...kills, incidents }).map((event) => numbers.frame(event)),
    ...items.map(({ frame }) => frame),
    encodeHistoryComplete(nowUs, leftOut),
  ]);
}

function newestWithin(incidents: readonly Incident[], numbers: EventNumbers, limitBytes: number): readonly Incident[] {
  let bytes = 0;
  let first = incidents.length;
  for (const incident of incidents.toReversed()) {
    bytes += eventsOf(incident).reduce((sum, event) => sum + numbers.frame(event).length, 0);
    // The newest is what the page is opened for: it is sent whatever its size.
    if (bytes > limitBytes && first < incidents.length) break;
    first--;
  }
  return incidents.slice(first);
}

function eventsOf({ episode, victims }: Incident): OomscopeEvent[] {
  const steps = victims.flatMap((victim) => victim.steps);
  return episode === null ? steps : [...steps, episode];
}

function inChunks(frames: readonly Uint8Array[]): Buffer[] {
  const chunks: Buffer[] = [];
  let chunk: Uint8Array[] = [];
  let bytes = 0;
  for (const frame of frames) {
    chunk.push(frame);
    bytes += frame.length;
    if (bytes >= CHUNK_BYTES) {
      chunks.push(Buffer.concat(chunk));
      chunk = [];
      bytes = 0;
    }
  }
  if (chunk.length > 0) chunks.push(Buffer.concat(chunk));
  return chunks;
}
