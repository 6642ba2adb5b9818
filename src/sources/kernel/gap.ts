import { join } from 'node:path';
import { structs } from '../../events/layout.gen.js';
import { isNativeError, type NativeAddon } from './native.js';
import type { PinnedSet } from './pins.js';

/** The time in which pinned programs recorded and nobody read, µs since boot. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
  /** When the programs paused themselves for want of a reader; null = they did not. */
  readonly pausedFromUs: number | null;
}

/** From a pinned set's heartbeat. Its first word has been the last beat in every layout so far. */
export function readGap(addon: NativeAddon, set: PinnedSet): Gap {
  const { beatUs, timeoutUs } = readHeartbeat(addon, set);
  return gapOf(beatUs, timeoutUs, Number(set.generation / 1000n), addon.clocks().bootUs);
}

function readHeartbeat(addon: NativeAddon, set: PinnedSet): { beatUs: number; timeoutUs: number } {
  try {
    const bytes = addon.readPinnedValue(join(set.path, 'control'));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const us = (offset: number) => Number(view.getBigUint64(offset, true) / 1000n);
    const { reader_beat_ns, reader_timeout_ns } = structs.control.at;
    return { beatUs: us(reader_beat_ns), timeoutUs: us(reader_timeout_ns) };
  } catch (error) {
    // Somebody removed that pin: nothing is known of a reader.
    if (isNativeError(error)) return { beatUs: 0, timeoutUs: 0 };
    throw error;
  }
}

/** Pure part of readGap(). A reader that died before its first beat was there last when it loaded the programs. */
export function gapOf(beatUs: number, timeoutUs: number, loadedUs: number, nowUs: number): Gap {
  const fromUs = beatUs === 0 ? loadedUs : beatUs;
  const paused = timeoutUs > 0 && beatUs > 0 && nowUs - fromUs > timeoutUs;
  return { fromUs, toUs: nowUs, pausedFromUs: paused ? fromUs + timeoutUs : null };
}
