import { statSync } from 'node:fs';
import { keptCapabilities } from './capabilities.js';
import type { NativeAddon } from './native.js';

/**
 * Gives up what is not needed once everything is attached: from then on, whoever takes this process over has no more rights
 * than any other of its user. Its code stays in memory, for the time when memory is short. Returns whether that could be had.
 */
export function harden(
  addon: Pick<NativeAddon, 'bpfWorksWithoutCapabilities' | 'dropCapabilities' | 'lockCode'>,
  /** Directories in which files will be made. */
  directories: readonly string[],
): { readonly codeIsLocked: boolean } {
  // Refused where the limit for locked memory is small and CAP_IPC_LOCK is not there: then it works as it did.
  const codeIsLocked = addon.lockCode() === 0;
  const bpf = !addon.bpfWorksWithoutCapabilities();
  addon.dropCapabilities(keptCapabilities({ bpf, dacOverride: directories.some(needsOverride) }));
  return { codeIsLocked };
}

/** Root, started with sudo, writes into the directory of a user by a capability alone. */
function needsOverride(directory: string): boolean {
  const { uid, gid, mode } = statSync(directory);
  if (uid === process.geteuid?.()) return (mode & 0o200) === 0;
  const isOurGroup = gid === process.getegid?.() || (process.getgroups?.().includes(gid) ?? false);
  return (mode & (isOurGroup ? 0o020 : 0o002)) === 0;
}
