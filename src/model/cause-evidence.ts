import { formatBytes } from '../base/units.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { EpisodeEvent } from '../events/episode.js';
import { type Cause, causeOf, cgroupName } from './cause.js';
import { processName } from './summary.js';

/** 'certain': recorded where it happened. 'likely': follows from what was recorded. 'inferred': fits it best. */
export type Confidence = 'certain' | 'likely' | 'inferred';

export interface CauseFinding {
  readonly cause: Cause;
  readonly confidence: Confidence;
  /** Clauses, safe to print. */
  readonly evidence: readonly string[];
}

/** Whose shortage it was, how sure that is, and by what. */
export function findCause(episode: EpisodeEvent): CauseFinding {
  const cause = causeOf(episode);
  return { cause, confidence: confidenceIn(cause, episode), evidence: evidenceFor(cause, episode) };
}

function confidenceIn(cause: Cause, episode: EpisodeEvent): Confidence {
  switch (cause.kind) {
    case 'unknown':
      return 'inferred';
    case 'cgroup-limit':
      return cause.cgroup === null ? 'likely' : 'certain';
    case 'node-wide':
      // Without the kernel's own word it is only that no limit cgroup was given.
      return episode.constraint === null ? 'likely' : 'certain';
    default:
      return 'certain';
  }
}

function evidenceFor(cause: Cause, episode: EpisodeEvent): string[] {
  const evidence: string[] = [];
  const { limitCgroup, trigger, constraint } = episode;
  if (cause.kind === 'sysrq') evidence.push('the kernel was asked by sysrq-f: the request has order −1');
  if (limitCgroup !== null)
    evidence.push(`the kernel ran the OOM killer for ${cgroupName(limitCgroup)}${fill(limitCgroup)}`);
  if (cause.kind === 'own-limit') evidence.push('the victim is a member of that very cgroup');
  if (cause.kind === 'ancestor-limit' && episode.choice?.process.cgroupPath != null) {
    evidence.push('the victim is in a cgroup below it');
  }
  if (limitCgroup === null && constraint !== null && cause.kind !== 'sysrq') {
    evidence.push(`no limit cgroup was given; the kernel's constraint was ${constraint}`);
  }
  if (trigger !== null && cause.kind !== 'sysrq')
    evidence.push(`${processName(trigger)} asked for the memory that was not there`);
  return evidence;
}

function fill({ usageBytes, maxBytes }: CgroupMemory): string {
  if (usageBytes === null || typeof maxBytes !== 'number') return '';
  return `, which held ${formatBytes(usageBytes)} of ${formatBytes(maxBytes)}`;
}
