import type { ProcessFacts } from '../events/process.js';
import { isProcess } from './candidates-of-report.js';
import { idOrNull, u32OrNull } from './kernel-numbers.js';
import type { OomReport } from './report.js';

/** A process as a line of a report names it. */
export interface NamedProcess {
  /** Of its first thread, or of one that still had its memory. */
  readonly pid: number;
  readonly comm: string;
  readonly uid?: number | null;
  readonly adj?: number | null;
}

/** Which process it is, with what the rest of the report knows of it; null = its number is none. */
export function processOf(report: OomReport, { pid, comm, uid = null, adj = null }: NamedProcess): ProcessFacts | null {
  const tid = idOrNull(pid);
  if (tid === null) return null;
  const row = report.tasks?.rows.find((candidate) => isProcess(candidate, pid));
  const killed = report.killed.find((process) => process.pid === pid);
  return {
    pid: idOrNull(row?.pid ?? processId(report, pid)) ?? tid,
    tid,
    uid: u32OrNull(uid ?? row?.uid ?? killed?.uid ?? null),
    comm,
    startUs: null,
    adj: adj ?? row?.adj ?? killed?.adj ?? null,
    cgroupId: null,
    cgroupPath: null,
  };
}

/**
 * Of the process that dies the line of the kill names a thread that still has the memory. Since 5.2 it is one of the chosen
 * process; before, a child of that could die in its place (then the score of the chosen one is printed).
 */
function processId({ choice, killed }: OomReport, pid: number): number {
  const isChosens = killed.some((process) => process.pid === pid && process.why === 'chosen');
  return isChosens && choice !== null && choice.score === null ? choice.pid : pid;
}
