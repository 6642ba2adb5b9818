import type { MemoryPoint, MemoryTrack } from '../../src/model/growth.js';

/** Timelines of cgroups for tests. What is not given is 0; usage is the sum. */
export function point(tUs: number, over: Partial<MemoryPoint> = {}): MemoryPoint {
  const parts = { anonBytes: 0, fileBytes: 0, shmemBytes: 0, kernelBytes: 0, swapBytes: 0, ...over };
  const { anonBytes, fileBytes, shmemBytes, kernelBytes } = parts;
  const usageBytes = (anonBytes ?? 0) + (fileBytes ?? 0) + (shmemBytes ?? 0) + (kernelBytes ?? 0);
  const inactiveFileBytes = over.inactiveFileBytes ?? 0;
  return {
    tUs,
    usageBytes,
    activeFileBytes: (fileBytes ?? 0) - inactiveFileBytes,
    inactiveFileBytes,
    workingSetBytes: usageBytes - inactiveFileBytes,
    ...parts,
  };
}

let tracks = 0;

export function track(path: string, points: readonly MemoryPoint[]): MemoryTrack {
  tracks++;
  return { id: tracks, path, appearedUs: null, maxBytes: 'max', highBytes: 'max', points };
}

/** Anonymous memory from `fromBytes` to `toBytes` in `seconds`, ten points a second. */
export function ramp(path: string, fromBytes: number, toBytes: number, endUs: number, seconds: number): MemoryTrack {
  const steps = Math.max(1, seconds * 10);
  return track(
    path,
    Array.from({ length: steps + 1 }, (_, step) =>
      point(endUs - (steps - step) * 100_000, { anonBytes: fromBytes + ((toBytes - fromBytes) * step) / steps }),
    ),
  );
}

export function flat(path: string, bytes: number, endUs: number, seconds: number): MemoryTrack {
  return ramp(path, bytes, bytes, endUs, seconds);
}
