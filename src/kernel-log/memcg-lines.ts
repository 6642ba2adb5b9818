import { kibToBytes, kibToLimit, wholeNumber } from './amounts.js';
import type { CgroupStats, CounterLine } from './report.js';

// What mem_cgroup_print_oom_*() in mm/memcontrol.c prints: the cgroup whose limit was hit, and its memory.

export type CounterName = 'memory' | 'swap' | 'memory+swap' | 'kmem';

const COUNTER = /^(memory|swap|memory\+swap|kmem): usage (\d{1,20})kB, limit (\d{1,20})kB, failcnt (\d{1,20})/;

/** What makes a line one of these, however the rest of it reads. */
export const COUNTER_START = /^(?:memory|swap|memory\+swap|kmem): usage /;

/** "memory: usage 102400kB, limit 102400kB, failcnt 123". Null = it does not read so. */
export function parseCounter(text: string): { name: CounterName; counter: CounterLine } | null {
  const parts = COUNTER.exec(text);
  if (parts === null) return null;
  const usageBytes = kibToBytes(parts[2] ?? '');
  const limitBytes = kibToLimit(parts[3] ?? '');
  // A count beyond 2^53 is a 64-bit counter gone wrong; it is shown nowhere but here.
  const failcnt = wholeNumber(parts[4] ?? '') ?? Number.MAX_SAFE_INTEGER;
  if (usageBytes === null || limitBytes === null) return null;
  return { name: counterName(parts[1]), counter: { usageBytes, limitBytes, failcnt } };
}

function counterName(name: string | undefined): CounterName {
  return name === 'swap' || name === 'memory+swap' || name === 'kmem' ? name : 'memory';
}

const STATS = 'Memory cgroup stats for ';
const FIRST_STATISTIC = /: ?(?=[a-z_]{1,40}(?:\([a-z]{1,10}\))?:\d)/;
const STATISTIC_IN_LINE = /([a-z][a-z0-9_]{0,40}(?:\([a-z]{1,10}\))?):(\d{1,19})(KB)?(?= |$)/g;
const STATISTIC_LINE = /^ *([a-z][a-z0-9_]{0,40}(?:\([a-z]{1,10}\))?) (\d{1,19}) *$/;

/**
 * "Memory cgroup stats for /a: cache:0KB rss:100KB …" (before 5.3: all in the line, and a line for each descendant too) or
 * "Memory cgroup stats for /a:" (since 5.3: the statistics follow, a line each). Null = no such line.
 */
export function parseStats(text: string): { readonly stats: CgroupStats; readonly linesFollow: boolean } | null {
  if (!text.startsWith(STATS)) return null;
  const rest = text.slice(STATS.length).trimEnd();
  const values = new Map<string, number>();
  const colon = FIRST_STATISTIC.exec(rest)?.index;
  if (colon === undefined) {
    return { stats: { path: rest.endsWith(':') ? rest.slice(0, -1) : rest, values }, linesFollow: true };
  }
  for (const [, name = '', digits = '', unit] of rest.slice(colon).matchAll(STATISTIC_IN_LINE)) {
    const value = unit === undefined ? wholeNumber(digits) : kibToBytes(digits);
    if (value !== null) values.set(name, value);
  }
  return { stats: { path: rest.slice(0, colon), values }, linesFollow: false };
}

/** "anon 104857600": one statistic, in bytes or a count. */
export function parseStatistic(text: string): { readonly name: string; readonly value: number } | null {
  const parts = STATISTIC_LINE.exec(text);
  const value = wholeNumber(parts?.[2] ?? '');
  return parts === null || value === null ? null : { name: parts[1] ?? '', value };
}

const AS_A_RESULT = 'killed as a result of limit of ';

export interface TaskInLine {
  readonly victimCgroup: string | null;
  readonly limitCgroup: string | null;
}

/**
 * "Task in /a/b killed as a result of limit of /a": before 5.0. Some of 3.x print it in two lines, broken before "killed".
 * Null = neither of them.
 */
export function parseTaskIn(text: string): TaskInLine | null {
  if (text.startsWith('Task in ')) {
    const at = text.indexOf(` ${AS_A_RESULT}`);
    if (at < 0) return { victimCgroup: nameOrNull(text.slice(8)), limitCgroup: null };
    return { victimCgroup: text.slice(8, at), limitCgroup: nameOrNull(text.slice(at + 1 + AS_A_RESULT.length)) };
  }
  if (!text.startsWith(AS_A_RESULT)) return null;
  return { victimCgroup: null, limitCgroup: nameOrNull(text.slice(AS_A_RESULT.length)) };
}

const LIMIT_REACHED = 'Memory limit reached of cgroup ';

/** "Memory limit reached of cgroup /a": 4.4 to 4.20, when nobody could be killed. */
export function parseLimitReached(text: string): string | null {
  return text.startsWith(LIMIT_REACHED) ? nameOrNull(text.slice(LIMIT_REACHED.length)) : null;
}

const GROUP_START = 'Tasks in ';
const GROUP_END = ' are going to be killed due to memory.oom.group set';

/** "Tasks in /a are going to be killed due to memory.oom.group set": the cgroup. Undefined = no such line. */
export function parseOomGroup(text: string): string | null | undefined {
  if (text.startsWith(GROUP_START) && text.trimEnd().endsWith(GROUP_END)) {
    return nameOrNull(text.trimEnd().slice(GROUP_START.length, -GROUP_END.length));
  }
  // Another CPU's message came between: the path is lost, the fact is not.
  return text.trim() === GROUP_END.trim() ? null : undefined;
}

function nameOrNull(path: string): string | null {
  const name = path.trimEnd();
  return name === '' ? null : name;
}
