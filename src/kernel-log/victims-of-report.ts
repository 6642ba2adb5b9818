import type { ProcessMemory } from '../events/process.js';
import type { VictimEvent } from '../events/victim.js';
import { amountOrNull } from './kernel-numbers.js';
import { processOf } from './process-of-report.js';
import type { KilledProcess, OomReport, ReaperNote } from './report.js';
import type { ReportTimes } from './report-times.js';

/** The steps of the victims of a report that the log tells: who was killed, and what the reaper did. */
export function victimsOf(report: OomReport, times: ReportTimes): { kills: VictimEvent[]; reaped: VictimEvent[] } {
  return {
    kills: report.killed.flatMap((killed) => killEvent(report, killed, times) ?? []),
    reaped: report.reaped.flatMap((note) => reaperEvent(report, note, times) ?? []),
  };
}

function killEvent(report: OomReport, killed: KilledProcess, times: ReportTimes): VictimEvent | null {
  const process = processOf(report, killed);
  if (process === null) return null;
  const isMark = killed.why !== 'shares-memory';
  return {
    ...EMPTY,
    tUs: times.at(killed.time),
    step: isMark ? 'marked' : 'killed-for-sharing',
    episodeUs: times.episodeUs,
    tid: process.tid,
    process: isMark ? { ...process, cgroupPath: killed.why === 'chosen' ? report.victimCgroup : null } : process,
    memory: memoryOf(killed, killed.pageTableBytes),
    sigkilled: isMark ? true : null,
    chosen: isMark ? isChosen(report, killed, process.pid) : null,
  };
}

/** Null = a child that died in the place of the chosen process. */
function isChosen(report: OomReport, { why }: KilledProcess, pid: number): boolean | null {
  if (why === 'group') return false;
  const { choice } = report;
  return choice === null || processOf(report, choice)?.pid === pid ? true : null;
}

function reaperEvent(report: OomReport, note: ReaperNote, times: ReportTimes): VictimEvent | null {
  const process = processOf(report, note);
  if (process === null) return null;
  return {
    ...EMPTY,
    tUs: times.at(note.time),
    step: note.reaped ? 'reaper-finished' : 'reaper-gave-up',
    episodeUs: times.episodeUs,
    tid: process.tid,
    process,
    memory: memoryOf(note, null),
  };
}

const EMPTY = {
  topic: '/oom/victim',
  memory: null,
  sigkilled: null,
  chosen: null,
  memorySharedBy: null,
  commandLine: null,
  containerPid: null,
} as const;

/** Before 4.5 file-rss includes shmem: then only the sum is known. */
function memoryOf(
  held: Pick<KilledProcess, 'rssAnonBytes' | 'rssFileBytes' | 'rssShmemBytes'>,
  pageTableBytes: number | null,
): ProcessMemory | null {
  const { rssAnonBytes: anon, rssFileBytes: file, rssShmemBytes: shmem } = held;
  if (anon === null || file === null) return null;
  return {
    rssBytes: shmem === null ? amountOrNull(anon + file) : null,
    rssAnonBytes: anon,
    rssFileBytes: shmem === null ? null : file,
    rssShmemBytes: shmem,
    swapBytes: null,
    pageTableBytes,
  };
}
