/**
 * Unpacks one zstd frame to exactly `sizeBytes` bytes, or throws; never takes memory for more than that. It may be given
 * any bytes, and must come to an end with them.
 */
export type Unpack = (packed: Uint8Array, sizeBytes: number) => Uint8Array | Promise<Uint8Array>;

/** Packs into one zstd frame. */
export type Pack = (bytes: Uint8Array) => Uint8Array;
