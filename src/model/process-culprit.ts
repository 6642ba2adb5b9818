import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { isInside } from './cgroup-tree.js';
import { type Growth, MAJORITY } from './growth.js';
import { heldBytes, type ProcessTrack } from './series/process-history.js';

/** A process over time, with the cgroup that it was in. */
export interface PlacedProcess extends ProcessTrack {
  readonly path: string | null;
}

/** The process that made a cgroup grow. */
interface ProcessClaim {
  readonly process: Candidate;
  /**
   * What it grew by in the cgroup's window: by samples of it, or as much as the cgroup where the others hold next to nothing. Null =
   * most of what the cgroup grew by, and how much that is cannot be told.
   */
  readonly grownBytes: number | null;
}

/** /proc tells the start of a process in ticks of 10 ms. */
const SAME_START_US = 10_000;

/**
 * An older sample may be of before something else: what a process took at its start, before another one leaked. Where a look at all
 * takes long they are seldom.
 */
const FRESH_US = 1_500_000;
const FRESH_SHARE = 0.2;

/** Null = nobody can be named without guessing: the claim stays the cgroup's. */
export function processBehind(
  episode: EpisodeEvent,
  growth: Growth,
  processes: readonly PlacedProcess[],
): ProcessClaim | null {
  const inside = processes.filter(({ path }) => isInside(path, growth.path));
  const members = episode.candidates.filter(({ cgroupPath }) => isInside(cgroupPath, growth.path));
  const process = bySamples(members, growth, inside) ?? byWhatOthersHold(episode, members, growth, inside);
  if (process === null) return null;
  return { process, grownBytes: ownBytes(process, growth, inside) ?? wholeBytes(episode, members, process, growth) };
}

/** Who made most of the cgroup's growth, and most of what its processes grew by. */
function bySamples(members: readonly Candidate[], growth: Growth, tracks: readonly PlacedProcess[]): Candidate | null {
  const claims = members
    .map((process) => ({ process, grownBytes: grownBytes(process, tracks, growth) }))
    .filter(({ grownBytes: bytes }) => bytes > 0)
    .sort((a, b) => b.grownBytes - a.grownBytes);
  const all = claims.reduce((sum, claim) => sum + claim.grownBytes, 0);
  const [first] = claims;
  const isMost = first !== undefined && first.grownBytes >= Math.max(all, growth.unreclaimableBytes) * MAJORITY;
  return isMost ? first.process : null;
}

/** By samples of it. Null = told late it is only a part, and more than its cgroup it is of the time before as well. */
function ownBytes(process: Candidate, growth: Growth, tracks: readonly PlacedProcess[]): number | null {
  if (heldBeforeBytes(process, tracks, growth) === null) return null;
  const bytes = grownBytes(process, tracks, growth);
  return bytes <= growth.unreclaimableBytes ? bytes : null;
}

/** A tenth is no difference: samples of a process and of its cgroup are not of one moment. */
export const NO_DIFFERENCE = 0.1;

function wholeBytes(
  { candidatesLost }: EpisodeEvent,
  members: readonly Candidate[],
  process: Candidate,
  { unreclaimableBytes }: Growth,
): number | null {
  const othersBytes = members.reduce((sum, other) => sum + heldBytes(other), 0) - heldBytes(process);
  const isAll =
    candidatesLost === 0 &&
    othersBytes <= unreclaimableBytes * NO_DIFFERENCE &&
    heldBytes(process) >= unreclaimableBytes * (1 - NO_DIFFERENCE);
  return isAll ? unreclaimableBytes : null;
}

/** Up to what the kernel weighed. Who was not told before it grew is taken to have held what it was first told with. */
function grownBytes(process: Candidate, tracks: readonly PlacedProcess[], growth: Growth): number {
  const track = tracks.find((known) => isSame(known, process));
  const firstBytes = track?.points.find(({ tUs }) => tUs > growth.fromUs)?.bytes;
  const beforeBytes = heldBeforeBytes(process, tracks, growth) ?? firstBytes;
  return beforeBytes === undefined ? 0 : heldBytes(process) - beforeBytes;
}

/** What it held when its cgroup began to grow, nothing if it began later; null = no sample of that time tells. */
function heldBeforeBytes(
  process: Candidate,
  tracks: readonly PlacedProcess[],
  { fromUs, toUs }: Growth,
): number | null {
  const track = tracks.find((known) => isSame(known, process));
  const before = track?.points.findLast(({ tUs }) => tUs <= fromUs);
  const oldestUs = fromUs - Math.max(FRESH_US, (toUs - fromUs) * FRESH_SHARE);
  if (before !== undefined && before.tUs >= oldestUs) return before.bytes;
  return process.startUs !== null && process.startUs >= fromUs ? 0 : null;
}

function isSame({ pid, startUs }: PlacedProcess, process: Candidate): boolean {
  if (pid !== process.pid) return false;
  return startUs === null || process.startUs === null || Math.abs(startUs - process.startUs) <= SAME_START_US;
}

/** All others together hold less than the rest of the growth: then it was this one, however much of theirs is new. */
function byWhatOthersHold(
  { candidatesLost }: EpisodeEvent,
  members: readonly Candidate[],
  growth: Growth,
  tracks: readonly PlacedProcess[],
): Candidate | null {
  const { unreclaimableBytes } = growth;
  const [first, ...others] = members.toSorted((a, b) => heldBytes(b) - heldBytes(a));
  const rest = others.reduce((sum, process) => sum + heldBytes(process), 0);
  if (first === undefined || (candidatesLost ?? 0) > 0) return null;
  const isProven = heldBytes(first) >= unreclaimableBytes * MAJORITY && rest <= unreclaimableBytes * (1 - MAJORITY);
  // Who was sampled before the growth, and did not make it, did not make it.
  return isProven && heldBeforeBytes(first, tracks, growth) === null ? first : null;
}
