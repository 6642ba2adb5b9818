import { visible } from '../base/escape.js';
import { formatBytes } from '../base/units.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { ProcessFacts } from '../events/process.js';

/** Whose shortage the kernel answered. */
export type Cause =
  /** The victim's own cgroup hit its limit. */
  | { readonly kind: 'own-limit'; readonly cgroup: CgroupMemory }
  /** A cgroup above the victim's did. */
  | { readonly kind: 'ancestor-limit'; readonly cgroup: CgroupMemory }
  /** A cgroup did; whether it is the victim's own is not known, or nobody was chosen. */
  | { readonly kind: 'cgroup-limit'; readonly cgroup: CgroupMemory | null }
  | { readonly kind: 'node-wide' }
  | { readonly kind: 'cpuset' }
  | { readonly kind: 'memory-policy'; readonly nodes: readonly number[] | null }
  /** A person asked for it: sysrq-f. */
  | { readonly kind: 'sysrq' }
  | { readonly kind: 'unknown' };

export function causeOf(episode: EpisodeEvent): Cause {
  const { limitCgroup, constraint } = episode;
  if (episode.sysrq === true) return { kind: 'sysrq' };
  if (limitCgroup !== null) {
    const isOwn = episode.choice === null ? null : isIn(episode.choice.process, limitCgroup);
    if (isOwn === null) return { kind: 'cgroup-limit', cgroup: limitCgroup };
    return { kind: isOwn ? 'own-limit' : 'ancestor-limit', cgroup: limitCgroup };
  }
  switch (constraint) {
    case 'memcg':
      return { kind: 'cgroup-limit', cgroup: null };
    case 'cpuset':
      return { kind: 'cpuset' };
    case 'memory-policy':
      return { kind: 'memory-policy', nodes: episode.nodemask };
    case 'none':
      return { kind: 'node-wide' };
    case null:
      // Without a limit cgroup in a beginning that was seen, the shortage is the node's; a log may have been cut before it.
      return { kind: episode.trigger === null || episode.attachMode === 'log' ? 'unknown' : 'node-wide' };
  }
}

/** Directly in it, not below. A log has paths alone. Null = not known. */
function isIn({ cgroupId, cgroupPath }: ProcessFacts, cgroup: CgroupMemory): boolean | null {
  if (cgroupId !== null && cgroup.id !== null) return cgroupId === cgroup.id;
  return cgroupPath === null || cgroup.path === null ? null : cgroupPath === cgroup.path;
}

/** A few words for a list: `own limit of 100 MiB`, `node-wide`. */
export function causeInWords(cause: Cause): string {
  switch (cause.kind) {
    case 'own-limit':
      return `own ${limitInWords(cause.cgroup)}`;
    case 'ancestor-limit':
      return `${limitInWords(cause.cgroup)} on ${cgroupName(cause.cgroup)}`;
    case 'cgroup-limit':
      return cause.cgroup === null ? 'a cgroup limit' : `${limitInWords(cause.cgroup)} on ${cgroupName(cause.cgroup)}`;
    case 'node-wide':
      return 'node-wide';
    case 'cpuset':
      return 'memory nodes of a cpuset';
    case 'memory-policy':
      return 'memory nodes of a mempolicy';
    case 'sysrq':
      return 'sysrq-f';
    case 'unknown':
      return 'cause not recorded';
  }
}

/** `limit of 100 MiB`; on cgroup v1 it may be the one on memory and swap together. */
export function limitInWords(cgroup: CgroupMemory): string {
  const { maxBytes, swapMaxBytes, swapBytes, usageBytes } = cgroup;
  const memoryIsFull = typeof maxBytes === 'number' && usageBytes !== null && usageBytes >= maxBytes;
  if (cgroup.swapIsMemsw && !memoryIsFull && typeof swapMaxBytes === 'number' && (swapBytes ?? 0) >= swapMaxBytes) {
    return `memory+swap limit of ${formatBytes(swapMaxBytes)}`;
  }
  return typeof maxBytes === 'number' ? `limit of ${formatBytes(maxBytes)}` : 'limit';
}

/** The cgroup's path, safe to print. */
export function cgroupName(cgroup: CgroupMemory): string {
  if (cgroup.path !== null) return visible(cgroup.path);
  return cgroup.id === null ? 'a cgroup that is not named' : `cgroup ${cgroup.id}`;
}
