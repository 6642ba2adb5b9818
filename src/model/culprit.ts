import { formatDuration } from '../base/units.js';
import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { sameProcess } from './ballot.js';
import { ancestorsOf, isInside } from './cgroup-tree.js';
import { type Growth, growthIn, MAJORITY, type MemoryTrack, rampStartUs, unreclaimableBytes } from './growth.js';
import { type PlacedProcess, processBehind } from './process-culprit.js';

/** Whose unreclaimable memory grew most before the kill, within what was short. Not always the victim's. */
export type Culprit =
  /** Nothing is claimed; why, as a clause. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** No process: a person asked the kernel for a kill, whatever memory did (sysrq-f). */
  | { readonly kind: 'asked-for' }
  /** Nothing grew that could not be reclaimed: the limit was lowered, or the shortage is elsewhere. */
  | { readonly kind: 'nobody'; readonly fromUs: number; readonly toUs: number }
  /** Several did, and none of them most of it; the largest first. */
  | { readonly kind: 'several'; readonly growths: readonly Growth[] }
  | {
      readonly kind: 'cgroup';
      readonly growth: Growth;
      /** Of all that grew in the same time, 0 … 1. */
      readonly share: number;
      /** The process that made most of it, where that can be told; null = the claim is the cgroup's. */
      readonly process: Candidate | null;
      /** What that process grew by in the same time; null = most of it, and how much cannot be told. */
      readonly processBytes: number | null;
      readonly isVictim: boolean;
    };

/** Less than this is no growth: the kernel's own counters move as much. */
const NOISE_BYTES = 1024 * 1024;
const NOISE_SHARE = 0.01;
const SEVERAL_MAX = 4;

/** `tracks`, `processes`: what is known of any before the kill; more than matter here is no harm. */
export function culpritOf(
  episode: EpisodeEvent,
  tracks: readonly MemoryTrack[],
  processes: readonly PlacedProcess[] = [],
): Culprit {
  if (episode.sysrq === true) return { kind: 'asked-for' };
  const scopePath = scopeOf(episode);
  if (scopePath === null) return unknown('the path of the cgroup whose limit was hit is not known');
  const inside = tracks.filter(({ path, points }) => points.length > 0 && isInside(path, scopePath));
  if (inside.length === 0) return unknown('no timeline');
  const toUs = episode.episodeUs;
  const scope = inside.find(({ path }) => path === scopePath);
  const fromUs = scope === undefined ? earliestRamp(inside, toUs) : rampStartUs(scope, toUs);
  if (fromUs === null) return unknown('the timeline does not reach back before the kill');
  const grown = leaves(inside)
    .flatMap((track) => growthIn(track, fromUs, toUs) ?? [])
    .filter(({ unreclaimableBytes: bytes }) => bytes > 0)
    .sort((a, b) => b.unreclaimableBytes - a.unreclaimableBytes);
  const all = grown.reduce((sum, growth) => sum + growth.unreclaimableBytes, 0);
  const [first] = grown;
  if (first === undefined || all < noiseBytes(scope, toUs))
    return nobody(scope === undefined ? inside : [scope], fromUs, toUs);
  const share = first.unreclaimableBytes / all;
  if (isElsewhere(scope, all, fromUs, toUs)) return unknown('most of what grew is in no cgroup with a timeline');
  if (share < MAJORITY) return { kind: 'several', growths: grown.slice(0, SEVERAL_MAX) };
  const claim = processBehind(episode, first, processes);
  const process = claim?.process ?? null;
  const isVictim = isVictims(episode, first.path, process);
  return { kind: 'cgroup', growth: first, share, process, processBytes: claim?.grownBytes ?? null, isVictim };
}

/** The cgroup in which memory was short; the root where it was the node. Null = not known. */
export function scopeOf(episode: EpisodeEvent): string | null {
  if (episode.limitCgroup !== null) return episode.limitCgroup.path;
  return episode.constraint === 'memcg' ? null : '/';
}

/** What was short grew by more than the cgroups in it that are known: they are not all, and none of them is to blame. */
function isElsewhere(scope: MemoryTrack | undefined, knownBytes: number, fromUs: number, toUs: number): boolean {
  const whole = scope === undefined ? null : growthIn(scope, fromUs, toUs);
  // Where the parts of it are not known its page cache would count as well.
  return whole !== null && whole.byKind !== null && knownBytes < whole.unreclaimableBytes * (1 - MAJORITY);
}

/** Those that hold processes: on cgroup v2 nobody else does, and what they hold is counted once. */
function leaves(tracks: readonly MemoryTrack[]): MemoryTrack[] {
  const above = new Set(tracks.flatMap(({ path }) => ancestorsOf(path)));
  return tracks.filter(({ path }) => !above.has(path));
}

function earliestRamp(tracks: readonly MemoryTrack[], toUs: number): number | null {
  let best: { fromUs: number; bytes: number } | null = null;
  for (const track of tracks) {
    const fromUs = rampStartUs(track, toUs);
    const bytes = fromUs === null ? 0 : (growthIn(track, fromUs, toUs)?.unreclaimableBytes ?? 0);
    if (fromUs !== null && (best === null || bytes > best.bytes)) best = { fromUs, bytes };
  }
  return best?.fromUs ?? null;
}

function noiseBytes(scope: MemoryTrack | undefined, toUs: number): number {
  const last = scope?.points.findLast(({ tUs }) => tUs <= toUs);
  const held = last === undefined ? 0 : (unreclaimableBytes(last) ?? 0);
  return Math.max(NOISE_BYTES, held * NOISE_SHARE);
}

/** While all is calm memory is looked at once a second: in less, what grew may have grown before the first look. */
const LOOKS_BACK_US = 1_000_000;

function nobody(tracks: readonly MemoryTrack[], fromUs: number, toUs: number): Culprit {
  const firstUs = tracks.reduce((least, { points }) => Math.min(least, points[0]?.tUs ?? toUs), toUs);
  if (firstUs <= toUs - LOOKS_BACK_US) return { kind: 'nobody', fromUs, toUs };
  return unknown(`the timeline reaches back no more than ${formatDuration(toUs - firstUs)} before the kill`);
}

function isVictims(episode: EpisodeEvent, path: string, process: Candidate | null): boolean {
  const victim = episode.choice?.process ?? null;
  if (victim === null) return false;
  return process === null ? isInside(victim.cgroupPath, path) : sameProcess(process, victim);
}

function unknown(reason: string): Culprit {
  return { kind: 'unknown', reason };
}
