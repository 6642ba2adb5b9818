import type { CgroupMemory } from '../events/cgroup.js';
import { amountOrNull } from './kernel-numbers.js';
import type { OomReport } from './report.js';

/** The cgroup whose limit was hit; null = none was, or the log does not name it. */
export function limitCgroupOf(report: OomReport): CgroupMemory | null {
  const { limit } = report;
  if (limit === null || report.scope === 'node') return null;
  const { memory } = limit;
  const swap = limit.swap ?? limit.memsw;
  return {
    ...namedCgroup(report, limit.path),
    usageBytes: amountOrNull(memory?.usageBytes ?? null),
    maxBytes: limitOrNull(memory?.limitBytes),
    swapBytes: amountOrNull(swap?.usageBytes ?? null),
    swapMaxBytes: limitOrNull(swap?.limitBytes),
    swapIsMemsw: limit.swap === null && limit.memsw !== null,
  };
}

/** The victim's cgroup: of another one than the limit's the log has the path alone. */
export function victimCgroupOf(report: OomReport, limitCgroup: CgroupMemory | null): CgroupMemory | null {
  const path = report.victimCgroup;
  if (path === null) return null;
  return limitCgroup?.path === path ? limitCgroup : namedCgroup(report, path);
}

function namedCgroup(report: OomReport, path: string | null): CgroupMemory {
  return {
    id: null,
    path,
    pathTruncated: false,
    level: path === null ? null : path.split('/').filter((name) => name !== '').length,
    usageBytes: null,
    maxBytes: null,
    highBytes: null,
    swapBytes: null,
    swapMaxBytes: null,
    swapIsMemsw: false,
    oomGroup: report.groupKill && report.groupCgroup === path ? true : null,
  };
}

function limitOrNull(limit: number | 'max' | undefined): number | 'max' | null {
  return limit === undefined || limit === 'max' ? (limit ?? null) : amountOrNull(limit);
}
