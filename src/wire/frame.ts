import type { OomscopeEvent } from '../events/event.js';
import { integer, present } from './check.js';
import { decodeEvent, type EncodedEvent, refuseBadBytes } from './codec.js';
import { oomscope } from './proto.js';
import { decodeReplayState, encodeReplayState, type ReplayState } from './replay.js';
import { HISTORY_COMPLETE_ID, REPLAY_STATE_ID, RESTART_ID, topicOf } from './topics.js';

const v1 = oomscope.v1;

/** One thing in a frame, in the order in which it was sent. */
export type FrameItem =
  | { readonly kind: 'event'; readonly event: OomscopeEvent }
  /** All items before this one are the past; all after it are live. */
  | { readonly kind: 'history-complete'; readonly incidentsLeftOut: number }
  /** All items before this one are void; a past follows. */
  | { readonly kind: 'restart' }
  /** How the replay stands that this is. */
  | { readonly kind: 'replay'; readonly state: ReplayState }
  /** A topic that a newer server knows and this code does not. */
  | { readonly kind: 'unknown-topic'; readonly topicId: number };

/** A frame that holds this one event. Frames laid end to end are again a frame, so an event is encoded once for all. */
export function encodeFrame(encoded: EncodedEvent): Uint8Array {
  return v1.Frame.encode({ entries: [encoded] }).finish();
}

/** A frame that says: the past ends here. */
export function encodeHistoryComplete(tUs: number, incidentsLeftOut: number): Uint8Array {
  const payload = v1.HistoryComplete.encode({ incidentsLeftOut }).finish();
  return encodeFrame({ topicId: HISTORY_COMPLETE_ID, tUs, payload });
}

/** A frame that says: all before is void, and a past follows. */
export function encodeRestart(): Uint8Array {
  return encodeFrame({ topicId: RESTART_ID, tUs: 0, payload: v1.Restart.encode({}).finish() });
}

export function encodeReplayFrame(state: ReplayState): Uint8Array {
  return encodeFrame({ topicId: REPLAY_STATE_ID, tUs: 0, payload: encodeReplayState(state) });
}

/** Throws OomscopeError E_BAD_MESSAGE, and nothing else, on bytes that are not a frame. */
export function decodeFrame(bytes: Uint8Array): FrameItem[] {
  const frame = refuseBadBytes('frame', () => v1.Frame.decode(bytes));
  return frame.entries.map(decodeEntry);
}

function decodeEntry(entry: oomscope.v1.Entry.$Properties): FrameItem {
  const topicId = integer(entry.topicId);
  const payload = present(entry.payload, 'payload');
  if (topicId === HISTORY_COMPLETE_ID) {
    const marker = refuseBadBytes('history marker', () => v1.HistoryComplete.decode(payload));
    return { kind: 'history-complete', incidentsLeftOut: integer(marker.incidentsLeftOut) };
  }
  if (topicId === RESTART_ID) return { kind: 'restart' };
  if (topicId === REPLAY_STATE_ID) return { kind: 'replay', state: decodeReplayState(payload) };
  if (topicOf(topicId) === undefined) return { kind: 'unknown-topic', topicId };
  return { kind: 'event', event: decodeEvent({ topicId, tUs: integer(entry.tUs), payload }) };
}
