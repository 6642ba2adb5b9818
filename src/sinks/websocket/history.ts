import type { OomscopeEvent } from '../../events/event.js';
import type { LossEvent } from '../../events/loss.js';
import type { Incident, Model } from '../../model/model.js';
import { encodeHistoryComplete } from '../../wire/frame.js';
import type { EncodeOnce } from './encode-once.js';

/** What a late client is sent at most. */
export const HISTORY_LIMIT_BYTES = 8 * 1024 * 1024;

/** So that one message does not hold up the socket, and the page can work while the rest comes. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The past as frames: folded, they give `model` again, save for the oldest incidents where all would be more than
 * `limitBytes`; the marker at the end says how many those are. Whole incidents only: half a one would tell a lie.
 */
export function historyFrames(model: Model, encode: EncodeOnce, limitBytes = HISTORY_LIMIT_BYTES): Buffer[] {
  const incidents: Uint8Array[][] = [];
  let bytes = 0;
  for (const incident of model.incidents.toReversed()) {
    const frames = eventsOf(incident).map((event) => encode.frame(event));
    bytes += frames.reduce((sum, frame) => sum + frame.length, 0);
    // The newest is what the page is opened for: it is sent whatever its size.
    if (bytes > limitBytes && incidents.length > 0) break;
    incidents.unshift(frames);
  }
  const nowUs = model.nowUs ?? 0;
  return inChunks([
    ...(model.session === null ? [] : [encode.frame(model.session)]),
    ...incidents.flat(),
    ...lossesOf(model, nowUs).map((loss) => encode.frame(loss)),
    encodeHistoryComplete(nowUs, model.incidents.length - incidents.length),
  ]);
}

/** In the order in which the model takes them to the same incident: by time, the episode's end after its marks. */
function eventsOf(incident: Incident): OomscopeEvent[] {
  const events: OomscopeEvent[] = incident.victims.flatMap((victim) => victim.steps);
  if (incident.episode !== null) events.push(incident.episode);
  return events.sort((a, b) => a.tUs - b.tUs);
}

/** The totals: a client that comes late has to know of them as well. */
function lossesOf(model: Model, nowUs: number): LossEvent[] {
  const places = Object.keys(model.lost) as LossEvent['where'][];
  return places.map((where) => ({
    topic: '/loss',
    tUs: nowUs,
    where,
    count: model.lost[where] ?? 0,
    meaning: 'all that was lost there before this client connected',
  }));
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
