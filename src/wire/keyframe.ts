import protobuf from 'protobufjs/minimal.js';
import { badMessage, integer, present } from './check.js';
import { type EncodedEvent, refuseBadBytes } from './codec.js';
import { oomscope } from './proto.js';

/** One message of a keyframe: a state is as many of them as its size asks for. */
export interface KeyframePart {
  /** 0 … partCount − 1. */
  readonly part: number;
  readonly partCount: number;
  readonly entries: readonly EncodedEvent[];
}

/** More than any part has; so many that take two bytes each would fill the memory. */
const MAX_ENTRIES = 100_000;
const ENTRIES_FIELD = 1;
/** Field 2, a varint. */
const PART_TAG = 16;

export function encodeKeyframePart(part: KeyframePart): Uint8Array {
  return oomscope.v1.Keyframe.encode({ ...part, entries: [...part.entries] }).finish();
}

/** Throws OomscopeError E_BAD_MESSAGE, and nothing else, on bytes that are no part of a keyframe. */
export function decodeKeyframePart(payload: Uint8Array): KeyframePart {
  return refuseBadBytes('keyframe', () => {
    refuseTooMany(payload);
    const wire = oomscope.v1.Keyframe.decode(payload);
    if (wire.part >= wire.partCount) throw badMessage(`keyframe part ${wire.part} of ${wire.partCount}`);
    return {
      part: wire.part,
      partCount: wire.partCount,
      entries: wire.entries.map((entry) => ({
        topicId: integer(entry.topicId),
        tUs: integer(entry.tUs),
        payload: present(entry.payload, 'payload'),
      })),
    };
  });
}

/** Whether a keyframe begins with this part, without decoding the state in it. Throws E_BAD_MESSAGE on broken bytes. */
export function isFirstPart(payload: Uint8Array): boolean {
  return refuseBadBytes('keyframe', () => {
    const reader = protobuf.Reader.create(payload);
    let part = 0;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === PART_TAG) part = reader.uint32();
      else reader.skipType(tag & 7);
    }
    return part === 0;
  });
}

/** Counts before anything is allocated. */
function refuseTooMany(payload: Uint8Array): void {
  const reader = protobuf.Reader.create(payload);
  for (let count = 0; reader.pos < reader.len; ) {
    const tag = reader.uint32();
    if (tag >>> 3 === ENTRIES_FIELD && ++count > MAX_ENTRIES) throw badMessage(`more than ${MAX_ENTRIES} entries`);
    reader.skipType(tag & 7);
  }
}
