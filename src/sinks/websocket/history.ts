import type { OomscopeEvent } from '../../events/event.js';
import type { Incident, Model } from '../../model/model.js';
import { retainedEvents } from '../../model/retained.js';
import { encodeHistoryComplete } from '../../wire/frame.js';
import type { EncodeOnce } from './encode-once.js';

/** What a late client is sent at most. */
const HISTORY_LIMIT_BYTES = 8 * 1024 * 1024;

/** So that one message does not hold up the socket, and the page can work while the rest comes. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The past as frames: folded, they give `model` again, save for the oldest incidents where all would be more than
 * `limitBytes`; the marker at the end says how many those are. Whole incidents only: half a one would tell a lie.
 */
export function historyFrames(model: Model, encode: EncodeOnce, limitBytes = HISTORY_LIMIT_BYTES): Buffer[] {
  const incidents = newestWithin(model.incidents, encode, limitBytes);
  const events = retainedEvents({ ...model, incidents });
  const leftOut = model.incidents.length - incidents.length;
  return inChunks([...events.map((event) => encode.frame(event)), encodeHistoryComplete(model.nowUs ?? 0, leftOut)]);
}

function newestWithin(incidents: readonly Incident[], encode: EncodeOnce, limitBytes: number): readonly Incident[] {
  let bytes = 0;
  let first = incidents.length;
  for (const incident of incidents.toReversed()) {
    bytes += eventsOf(incident).reduce((sum, event) => sum + encode.frame(event).length, 0);
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
