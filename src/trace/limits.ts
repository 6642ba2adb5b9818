/**
 * What a reader takes at most, whatever a file claims: lengths are held against these before anything is allocated.
 * A writer stays far below them.
 */

/** Unpacked bytes of one chunk. Ours have CHUNK_TARGET_BYTES and one message more. */
export const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
/** Bytes of one packed chunk: zstd never makes random bytes longer by more than a little. */
export const MAX_PACKED_CHUNK_BYTES = MAX_CHUNK_BYTES + 64 * 1024;
/** One message: an episode with about 100,000 candidates. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** One event: so that it also fits into a message of a keyframe. */
export const MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 64 * 1024;
/** All indexes of a file: chunks for five days, one a second. */
export const MAX_SUMMARY_BYTES = 64 * 1024 * 1024;
/** Records that stand before the first chunk: header, metadata, schemas, channels. */
export const MAX_HEAD_BYTES = 1024 * 1024;

/** A writer closes a chunk that has grown to this, however short a time it was open. */
export const CHUNK_TARGET_BYTES = 1024 * 1024;
