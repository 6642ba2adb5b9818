import zstd from '@foxglove/wasm-zstd';
import type { Pack } from './zstd.js';

/** Fast enough to pack a busy second in milliseconds; higher levels cost much and win little on these bytes. */
const LEVEL = 3;

/** Both at once, not by promises. `unpack` serves as an Unpack. */
export interface Zstd {
  readonly pack: Pack;
  readonly unpack: (packed: Uint8Array, sizeBytes: number) => Uint8Array;
}

/** zstd as WebAssembly, for the command line: Node 20 has none of its own. */
export async function loadZstd(): Promise<Zstd> {
  await zstd.isLoaded;
  return {
    pack: (bytes) => zstd.compress(bytes, LEVEL),
    unpack: (packed, sizeBytes) => zstd.decompress(packed, sizeBytes),
  };
}
