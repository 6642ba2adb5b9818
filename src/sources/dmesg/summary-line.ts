import { unsignedUid } from './amounts.js';
import type { LogConstraint } from './report.js';

/** The one line that sums a report up, since 5.0: "oom-kill:constraint=…". */
export interface SummaryLine {
  readonly constraint: LogConstraint | null;
  readonly nodemask: string | null;
  readonly cpuset: string | null;
  readonly memsAllowed: string | null;
  /** Null = node-wide. */
  readonly limitCgroup: string | null;
  readonly victimCgroup: string | null;
  readonly comm: string;
  readonly pid: number;
  readonly uid: number;
}

export const SUMMARY_START = 'oom-kill:constraint=';

const CONSTRAINTS: Readonly<Record<string, LogConstraint>> = {
  CONSTRAINT_NONE: 'none',
  CONSTRAINT_CPUSET: 'cpuset',
  CONSTRAINT_MEMORY_POLICY: 'memory-policy',
  CONSTRAINT_MEMCG: 'memcg',
};

const END = /,pid= {0,5}(\d{1,10}),uid= {0,5}(-?\d{1,10})$/;

/** Whether the line is whole: other CPUs' messages can break it, since the kernel prints it in pieces. */
export function summaryIsWhole(text: string): boolean {
  return END.test(text);
}

/**
 * Reads "oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=M,oom_memcg=/a,task_memcg=/a/b,task=x,pid=1,uid=0", with
 * "global_oom" in the place of oom_memcg when the whole node is short. Paths and names may hold commas: it is read from
 * both ends, by its fixed words. Null = it does not read so.
 */
export function parseSummary(text: string): SummaryLine | null {
  const end = END.exec(text);
  const task = text.lastIndexOf(',task=', end?.index);
  const taskMemcg = text.lastIndexOf(',task_memcg=', task);
  if (!text.startsWith(SUMMARY_START) || end === null || task < 0 || taskMemcg < 0) return null;
  const scope = /,(?:oom_memcg=|global_oom,)/.exec(text.slice(0, taskMemcg + 1))?.index;
  if (scope === undefined) return null;
  const head = text.slice(SUMMARY_START.length, scope);
  const nodemask = /,nodemask=(\(null\)|[\d,-]*?)(?=,cpuset=|$)/.exec(head)?.[1] ?? null;
  const cpuset = head.indexOf(',cpuset=');
  const memsAllowed = head.lastIndexOf(',mems_allowed=');
  return {
    constraint: CONSTRAINTS[head.slice(0, head.indexOf(','))] ?? null,
    nodemask: nodemask === '(null)' || nodemask === '' ? null : nodemask,
    cpuset: cpuset >= 0 && memsAllowed > cpuset ? head.slice(cpuset + 8, memsAllowed) : null,
    memsAllowed: memsAllowed >= 0 ? head.slice(memsAllowed + 14) : null,
    limitCgroup: text.startsWith(',oom_memcg=', scope) ? text.slice(scope + 11, taskMemcg) : null,
    victimCgroup: text.slice(taskMemcg + 12, task),
    comm: text.slice(task + 6, end.index),
    pid: Number(end[1]),
    uid: unsignedUid(Number(end[2])),
  };
}
