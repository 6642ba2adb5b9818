import type { SessionEvent } from '../events/session.js';
import { amountOrNull } from './kernel-numbers.js';
import type { PartClock } from './part-clock.js';
import type { OomReport } from './report.js';

/** What the first report of a part of a log tells of the host. */
export function sessionOf(report: OomReport, clock: PartClock, tUs: number, oomscopeVersion: string): SessionEvent {
  const { node, limit, pageSizeBytes } = report;
  const ramPages = node?.ramPages ?? null;
  return {
    topic: '/session',
    tUs,
    bootId: report.bootId,
    hostname: report.host,
    kernelRelease: report.kernelRelease,
    machine: null,
    pageSizeBytes,
    cpuCount: null,
    memoryTotalBytes: ramPages === null || pageSizeBytes === null ? null : amountOrNull(ramPages * pageSizeBytes),
    swapTotalBytes: amountOrNull(report.knownSwapBytes),
    cgroupVersion: cgroupVersion(limit),
    clock: clock.kind,
    anchorBootUs: clock.anchor.tUs,
    anchorEpochUs: clock.anchor.epochUs,
    oomscopeVersion,
    attachMode: 'log',
    programs: [],
    missing: [],
    adopted: null,
    sampling: null,
    eviction: null,
  };
}

/** Swap alone is a counter of v2; memory and swap together, and the kernel's own memory, are v1's. */
function cgroupVersion(limit: OomReport['limit']): 1 | 2 | null {
  if (limit === null) return null;
  if (limit.memsw !== null || limit.kmem !== null) return 1;
  return limit.swap === null ? null : 2;
}
