import type { ComponentChildren } from 'preact';
import { visible } from '../../../src/base/escape.js';
import { formatBytes } from '../../../src/base/units.js';
import type { CgroupMemory } from '../../../src/events/cgroup.js';
import type { EpisodeEvent } from '../../../src/events/episode.js';
import { cgroupName } from '../../../src/model/cause.js';

/** Whose limit was hit and what stood above it, from the root down as a path is read; then where the others were. */
export function Limits({ episode }: { readonly episode: EpisodeEvent }) {
  const { limitCgroup, limitAncestors, victimCgroup, triggerCgroup } = episode;
  if (limitCgroup === null) return <p class="quiet">{withoutLimitInWords(episode)}</p>;
  const isElsewhere = (cgroup: CgroupMemory | null) => cgroup !== null && !sameCgroup(cgroup, limitCgroup);
  const together = victimCgroup !== null && triggerCgroup !== null && sameCgroup(victimCgroup, triggerCgroup);
  return (
    <ol class="limits">
      {limitAncestors.toReversed().map((cgroup) => (
        <LimitLine key={cgroup.id} cgroup={cgroup} />
      ))}
      <LimitLine cgroup={limitCgroup} isHit>
        <span class="badge badge-hit">● limit hit</span>
      </LimitLine>
      {victimCgroup !== null && isElsewhere(victimCgroup) && (
        <LimitLine cgroup={victimCgroup}>
          <span class="badge badge-victim">✕ victim</span>
          {together && <span class="badge badge-trigger">▸ trigger</span>}
        </LimitLine>
      )}
      {triggerCgroup !== null && isElsewhere(triggerCgroup) && !together && (
        <LimitLine cgroup={triggerCgroup}>
          <span class="badge badge-trigger">▸ trigger</span>
        </LimitLine>
      )}
    </ol>
  );
}

/** A log has paths alone. */
function sameCgroup(a: CgroupMemory, b: CgroupMemory): boolean {
  return a.id !== null && b.id !== null ? a.id === b.id : a.path === b.path;
}

interface LimitLineProps {
  readonly cgroup: CgroupMemory;
  readonly isHit?: boolean;
  /** Badges before the name. */
  readonly children?: ComponentChildren;
}

function LimitLine({ cgroup, isHit = false, children }: LimitLineProps) {
  const { usageBytes, maxBytes } = cgroup;
  const fraction = usageBytes !== null && typeof maxBytes === 'number' ? usageBytes / Math.max(1, maxBytes) : null;
  return (
    <li class={isHit ? 'limit is-hit' : 'limit'}>
      <span class="limit-name">
        {children} <bdi>{cgroup.path === '/' ? '/ (the root)' : cgroupName(cgroup)}</bdi>
        {cgroup.pathTruncated && <span class="quiet"> (beginning of the path missing)</span>}
        {cgroup.oomGroup === true && <span class="tag">memory.oom.group</span>}
      </span>
      {fraction !== null && (
        <span class="meter" aria-hidden="true">
          <span class="meter-fill" style={{ width: `${Math.min(100, fraction * 100)}%` }} />
        </span>
      )}
      <span class="limit-numbers">
        {usageInWords(cgroup)}
        <SwapNumbers cgroup={cgroup} />
      </span>
    </li>
  );
}

function SwapNumbers({ cgroup }: { readonly cgroup: CgroupMemory }) {
  const { swapBytes, swapMaxBytes, swapIsMemsw } = cgroup;
  if (swapBytes === null || (swapBytes === 0 && swapMaxBytes === 'max')) return null;
  return (
    <span class="swap-numbers">
      {swapIsMemsw ? 'memory+swap' : 'swap'} {formatBytes(swapBytes)}
      {ofLimit(swapMaxBytes)}
    </span>
  );
}

function usageInWords({ usageBytes, maxBytes }: CgroupMemory): string {
  if (usageBytes === null) return maxBytes === null ? 'usage not recorded' : `usage not recorded${ofLimit(maxBytes)}`;
  return `${formatBytes(usageBytes)}${ofLimit(maxBytes)}`;
}

function ofLimit(limit: number | 'max' | null): string {
  if (limit === 'max') return ', no limit';
  return limit === null ? ', limit not recorded' : ` of ${formatBytes(limit)}`;
}

function withoutLimitInWords({ sysrq, constraint, choice, totalPages, pageSizeBytes }: EpisodeEvent): string {
  const total = totalPages === null ? '' : `: ${formatBytes(totalPages * pageSizeBytes)} of memory and swap to share`;
  const where = choice?.process.cgroupPath ? ` The victim was in ${visible(choice.process.cgroupPath)}.` : '';
  if (sysrq === true) return `No limit was hit: somebody asked for a kill by sysrq-f.${where}`;
  switch (constraint) {
    case 'cpuset':
      return `No cgroup's limit was hit: the memory nodes of a cpuset were full${total}.${where}`;
    case 'memory-policy':
      return `No cgroup's limit was hit: the memory nodes of a mempolicy were full${total}.${where}`;
    case 'memcg':
      return `A cgroup's limit was hit, but the record of which one was lost.${where}`;
    default:
      return `No cgroup's limit was hit: the whole node was short${total}.${where}`;
  }
}
