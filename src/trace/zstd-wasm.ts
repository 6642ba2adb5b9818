import zstd from '@foxglove/wasm-zstd';
import type { Pack, Unpack } from './zstd.js';

/** Fast enough to pack a busy second in milliseconds; higher levels cost much and win little on these bytes. */
const LEVEL = 3;

/** zstd as WebAssembly, for the command line: Node 20 has none of its own. */
export async function loadZstd(): Promise<{ readonly pack: Pack; readonly unpack: Unpack }> {
  await zstd.isLoaded;
  return {
    pack: (bytes) => zstd.compress(bytes, LEVEL),
    unpack: (packed, sizeBytes) => zstd.decompress(packed, sizeBytes),
  };
}
