import { decompress } from 'fzstd';

/** One frame to unpack, and where the answer belongs. */
export interface UnpackRequest {
  readonly id: number;
  readonly packed: Uint8Array;
  readonly sizeBytes: number;
}

export interface UnpackAnswer {
  readonly id: number;
  /** The bytes, or why there are none. */
  readonly bytes: Uint8Array | string;
}

/**
 * zstd in plain JavaScript, for the page: its policy allows no WebAssembly. To be run in a worker only: on some broken
 * frames this decoder does not come to an end (a table whose states take no bits), so somebody must be able to end it.
 */
export function answerUnpack({ id, packed, sizeBytes }: UnpackRequest): UnpackAnswer {
  const bytes = new Uint8Array(sizeBytes);
  try {
    // It writes nothing beyond the given memory, whatever the frame says; the chunk's CRC tells whether that was right.
    decompress(packed, bytes);
    return { id, bytes };
  } catch (error) {
    return { id, bytes: error instanceof Error ? error.message : String(error) };
  }
}
