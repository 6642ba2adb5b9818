import type { CgroupMemory } from '../events/cgroup.js';
import type { EpisodeEvent } from '../events/episode.js';

/** The cgroups that an episode tells of, each once: the limit's first, then those above it, the victim's, the trigger's. */
export function episodeCgroups(episode: EpisodeEvent): readonly CgroupMemory[] {
  const { limitCgroup, limitAncestors, victimCgroup, triggerCgroup } = episode;
  const all = [limitCgroup, ...limitAncestors, victimCgroup, triggerCgroup].filter((cgroup) => cgroup !== null);
  // A log has paths alone.
  const nameOf = ({ id, path }: CgroupMemory) => id ?? path;
  return all.filter((cgroup, index) => all.findIndex((other) => nameOf(other) === nameOf(cgroup)) === index);
}
