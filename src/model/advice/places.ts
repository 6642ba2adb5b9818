import { visible } from '../../base/escape.js';
import { formatBytes } from '../../base/units.js';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { Facts } from './facts.js';

/** Where limits and usage of cgroups are recorded. */
export type Places = Pick<Facts, 'episode' | 'tracks'>;

/** The limit of the cgroup at `path` as recorded anywhere; null = not known. */
export function limitAt({ episode, tracks }: Places, path: string): number | 'max' | null {
  const recorded = recordedCgroup(episode, path)?.maxBytes ?? null;
  return recorded ?? tracks.find((track) => track.path === path)?.maxBytes ?? null;
}

/** What the cgroup at `path` held when the kill came; null = not known. */
export function usageAt({ episode, tracks }: Places, path: string): number | null {
  const recorded = recordedCgroup(episode, path)?.usageBytes ?? null;
  const track = tracks.find((some) => some.path === path);
  return recorded ?? track?.points.findLast(({ tUs }) => tUs <= episode.episodeUs)?.usageBytes ?? null;
}

function recordedCgroup(episode: Facts['episode'], path: string): CgroupMemory | undefined {
  const { triggerCgroup, victimCgroup, limitCgroup, limitAncestors } = episode;
  return (
    [triggerCgroup, victimCgroup, limitCgroup, ...limitAncestors].find((cgroup) => cgroup?.path === path) ?? undefined
  );
}

export function inKubepods(path: string | null): boolean {
  return path !== null && /^\/(?:[^/]+\/)*[^/]*kubepods/.test(path);
}

/** systemd's service or scope that a cgroup belongs to; null = none. */
export function unitOf(path: string): string | null {
  return path.split('/').findLast((name) => /\.(?:service|scope|slice)$/.test(name)) ?? null;
}

/** How a memory limit is set there: in the manifest of a container, for a unit, or by hand. */
export function limitChange(path: string, bytes: number, comment: string): string {
  const mebibytes = Math.max(1, Math.round(bytes / 2 ** 20));
  if (inKubepods(path)) return `resources:\n  limits:\n    memory: ${mebibytes}Mi  # ${comment}`;
  const unit = unitOf(path);
  if (unit !== null) return `systemctl set-property ${quoted(unit)} MemoryMax=${mebibytes}M  # ${comment}`;
  return `echo ${mebibytes}M > ${quoted(`/sys/fs/cgroup${path}/memory.max`)}  # ${comment}`;
}

/** For a shell. What a terminal must not see is escaped, and then names nothing that is there: that is better than harm. */
export function quoted(text: string): string {
  const safe = visible(text);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

export function perSecond(bytes: number, spanUs: number): string {
  return `${formatBytes((bytes * 1_000_000) / Math.max(1, spanUs))}/s`;
}
