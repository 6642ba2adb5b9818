import { unsignedUid } from './amounts.js';
import type { LogConstraint } from './report.js';

/** The one line that sums a report up, since 5.0: "oom-kill:constraint=…". Null = not in it, or behind its break. */
export interface SummaryLine {
  readonly constraint: LogConstraint | null;
  readonly nodemask: string | null;
  readonly cpuset: string | null;
  readonly memsAllowed: string | null;
  readonly scope: 'memcg' | 'node' | null;
  readonly limitCgroup: string | null;
  readonly victimCgroup: string | null;
  readonly chosen: { readonly comm: string; readonly pid: number; readonly uid: number } | null;
}

export const SUMMARY_START = 'oom-kill:constraint=';

const CONSTRAINTS: Readonly<Record<string, LogConstraint>> = {
  CONSTRAINT_NONE: 'none',
  CONSTRAINT_CPUSET: 'cpuset',
  CONSTRAINT_MEMORY_POLICY: 'memory-policy',
  CONSTRAINT_MEMCG: 'memcg',
};

const SCOPE = /,(?:oom_memcg=|global_oom(?=,|$))/;
const TASK_MEMCG = ',task_memcg=';
const TASK = ',task=';
const END = /,pid= {0,5}(\d{1,10}),uid= {0,5}(-?\d{1,10})$/;

/**
 * Whether the line is whole. It may be broken by other CPUs' messages, since the kernel prints it in pieces, or cut:
 * printk has room for a kilobyte, and cgroup paths can be long.
 */
export function summaryIsWhole(text: string): boolean {
  return END.test(text);
}

/**
 * Reads "oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=M,oom_memcg=/a,task_memcg=/a/b,task=x,pid=1,uid=0", with
 * "global_oom" in the place of oom_memcg when the whole node is short. Paths and names may hold commas: it is read from
 * both ends, by its fixed words. Of a line that is cut, what stands whole before the cut.
 */
export function parseSummary(text: string): SummaryLine {
  const end = END.exec(text);
  const whole = end !== null;
  const scope = SCOPE.exec(text);
  const head = text.slice(SUMMARY_START.length, scope?.index);
  const tail = scope === null ? '' : text.slice(scope.index, end?.index);
  const task = whole ? tail.lastIndexOf(TASK) : -1;
  const taskMemcg = tail.lastIndexOf(TASK_MEMCG, whole ? task : undefined);
  const isMemcg = tail.startsWith(',oom_memcg=');
  const inHead = readHead(head, scope !== null);
  return {
    ...inHead,
    scope: scope === null ? null : isMemcg ? 'memcg' : 'node',
    limitCgroup: isMemcg && taskMemcg >= 0 ? tail.slice(',oom_memcg='.length, taskMemcg) : null,
    victimCgroup: task >= 0 && taskMemcg >= 0 ? tail.slice(taskMemcg + TASK_MEMCG.length, task) : null,
    chosen:
      end === null || task < 0
        ? null
        : { comm: tail.slice(task + TASK.length), pid: Number(end[1]), uid: unsignedUid(Number(end[2])) },
  };
}

/** "C,nodemask=N,cpuset=S,mems_allowed=M"; `whole` = it does not end within M. */
function readHead(
  head: string,
  whole: boolean,
): Pick<SummaryLine, 'constraint' | 'nodemask' | 'cpuset' | 'memsAllowed'> {
  const nodemask = /,nodemask=(\(null\)|[\d,-]*?)(?=,cpuset=|$)/.exec(head)?.[1] ?? null;
  const cpuset = head.indexOf(',cpuset=');
  const memsAllowed = head.lastIndexOf(',mems_allowed=');
  return {
    constraint: CONSTRAINTS[head.split(',', 1)[0] ?? ''] ?? null,
    nodemask: nodemask === '(null)' || nodemask === '' ? null : nodemask,
    cpuset: cpuset >= 0 && memsAllowed > cpuset ? head.slice(cpuset + ',cpuset='.length, memsAllowed) : null,
    memsAllowed: memsAllowed >= 0 && whole ? head.slice(memsAllowed + ',mems_allowed='.length) : null,
  };
}
