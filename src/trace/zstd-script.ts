import { decompress } from 'fzstd';
import type { Unpack } from './zstd.js';

/** zstd in plain JavaScript, for the page: its policy allows no WebAssembly. */
export const unpackInPage: Unpack = (packed, sizeBytes) => {
  const bytes = new Uint8Array(sizeBytes);
  // It writes nothing beyond the given memory, whatever the frame says; the chunk's CRC tells whether that was right.
  decompress(packed, bytes);
  return bytes;
};
