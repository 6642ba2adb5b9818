/** Unpacks one zstd frame to exactly `sizeBytes` bytes, or throws; never takes memory for more than that. */
export type Unpack = (packed: Uint8Array, sizeBytes: number) => Uint8Array;

/** Packs into one zstd frame. */
export type Pack = (bytes: Uint8Array) => Uint8Array;
