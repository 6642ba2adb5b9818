import { join } from 'node:path';
import { constants } from '../../events/layout.gen.js';
import type { LossEvent } from '../../events/loss.js';
import { unreadableRings } from './loss-events.js';
import { isNativeError, type NativeAddon, type NativeProgramSet, type NativeReader } from './native.js';
import type { PinDirectory, PinnedSet } from './pins.js';

/**
 * Pinned sets other than the one that records: those of another version or configuration that was just replaced, and what a
 * crash left. They are read for a moment more, since an episode and its victims stay with the set that began it, and then
 * removed.
 */
export class Leftovers {
  /** What of them was lost: known once they were opened. */
  readonly losses: readonly LossEvent[];
  private readonly open: { readonly pinned: PinnedSet; readonly set: NativeProgramSet }[] = [];

  /** To be made after the hand-over, so that nothing new begins in the rings that are given up unread. */
  constructor(
    addon: NativeAddon,
    private readonly pins: PinDirectory,
    sets: readonly PinnedSet[],
  ) {
    const losses: LossEvent[] = [];
    for (const pinned of sets) {
      const set = pinned.layoutVersion === constants.LAYOUT_VERSION ? this.adopt(addon, pinned) : null;
      if (set !== null) {
        this.open.push({ pinned, set });
        continue;
      }
      const bytes = unreadBytes(addon, pinned);
      if (bytes > 0) losses.push(unreadableRings(bytes, pinned.layoutVersion, addon.clocks().bootUs));
      pins.removeSet(pinned);
    }
    this.losses = losses;
  }

  /** Those that can be read, oldest first. */
  get sets(): readonly NativeProgramSet[] {
    return this.open.map((entry) => entry.set);
  }

  /** Reads them for the last time, detaches them, removes their pins. Does nothing when called again. */
  retire(reader: NativeReader): void {
    for (const { pinned, set } of this.open.splice(0)) {
      this.pins.removeSet(pinned);
      set.detach();
      reader.retire(set);
      set.close();
    }
  }

  private adopt(addon: NativeAddon, pinned: PinnedSet): NativeProgramSet | null {
    try {
      return addon.ProgramSet.adopt(pinned.path, this.pins.gatePath, pinned.programs);
    } catch (error) {
      // Half-made by a start that was killed: it never recorded.
      if (isNativeError(error)) return null;
      throw error;
    }
  }
}

function unreadBytes(addon: NativeAddon, pinned: PinnedSet): number {
  return ['kills', 'ballot', 'bulk'].reduce((sum, ring) => {
    try {
      return sum + addon.unreadRingBytes(join(pinned.path, ring));
    } catch (error) {
      if (isNativeError(error)) return sum;
      throw error;
    }
  }, 0);
}
