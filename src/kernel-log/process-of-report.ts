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
  const id = processId(report, pid);
  const rows = report.tasks?.rows ?? [];
  const row = rows.find((candidate) => isProcess(candidate, pid)) ?? rows.find(({ pid: known }) => known === id);
  const killed = report.killed.find((process) => process.pid === pid);
  return {
    pid: idOrNull(row?.pid ?? id) ?? tid,
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
 * process; before, a child of that could die in its place (then the score of the chosen one is printed). In a cgroup those
 * kernels also choose among threads: what has no row of its own in the table, and the name of the one that was killed, is its.
 */
function processId({ choice, killed, tasks }: OomReport, pid: number): number {
  const victim = killed.find(({ why }) => why === 'chosen');
  if (choice === null || victim === undefined) return pid;
  if (pid === victim.pid && choice.score === null) return choice.pid;
  const isThreadOfVictim = pid === choice.pid && victim.comm === choice.comm && tasks?.headerSeen === true;
  return isThreadOfVictim ? (tasks.rows.find((row) => isProcess(row, victim.pid))?.pid ?? pid) : pid;
}
