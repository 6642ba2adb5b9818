import { visible } from '../base/escape.js';
import { formatBytes, formatCount } from '../base/units.js';
import type { CgroupMemory } from '../events/cgroup.js';
import { limitInWords } from './cause.js';
import type { Ranking } from './rank.js';
import { processName } from './summary.js';

/** Whose memory it is about, safe to print: `node (RAM and swap: 32 GiB)`, `/pods/a (limit of 1 GiB, 88 % used)`. */
export function rankedPlace({ cgroup, totalPages, pageSizeBytes }: Ranking): string {
  if (cgroup === null) return `node (RAM and swap: ${formatBytes(totalPages * pageSizeBytes)})`;
  return `${cgroup.path === null ? `cgroup ${cgroup.id}` : visible(cgroup.path)} (${filledLimit(cgroup)})`;
}

/** `limit of 1 GiB, 88 % used`. */
export function filledLimit(cgroup: CgroupMemory): string {
  const { usageBytes, maxBytes } = cgroup;
  const used =
    usageBytes === null || typeof maxBytes !== 'number' || maxBytes === 0
      ? ''
      : `, ${Math.floor((usageBytes / maxBytes) * 100)} % used`;
  return `${limitInWords(cgroup)}${used}`;
}

/** Who dies next there, and by how much; a clause, safe to print. */
export function nextInWords({ pageSizeBytes, next, ballot }: Ranking): string {
  if (next.kind === 'none') return 'nobody can be killed';
  const process = processName(next.candidate);
  if (next.kind === 'dying') return `nobody new, ${process} is still dying of an earlier kill`;
  const { margin } = ballot;
  if (margin === null) return `${process} dies next; there is no other`;
  const runnerUp = processName(margin.runnerUp);
  if (margin.pages === 0) return `${process} dies next, by the order of equals: ${runnerUp} has as many points`;
  const ahead = `${formatCount(margin.pages)} points (${formatBytes(margin.pages * pageSizeBytes)})`;
  return `${process} dies next, ${ahead} ahead of ${runnerUp}`;
}
