import {
  COUNTER_START,
  parseCounter,
  parseLimitReached,
  parseStatistic,
  parseStats,
  parseTaskIn,
} from './memcg-lines.js';
import type { KernelMessage } from './message-reader.js';
import { parseNodeLine } from './node-lines.js';
import { type ReportBuilder, STAGE } from './report-builder.js';
import type { ReportRouter } from './report-router.js';

const LIMIT_LINE =
  /^(?:Task in |killed as a result of limit|Memory (?:limit|cgroup stats)|(?:memory|swap|memory\+swap|kmem): usage)/;

const beforeTable = (report: ReportBuilder): boolean => report.stage <= STAGE.memory;

/** What is said of the cgroup whose limit was hit. Nothing else prints these, so they may begin a report that was cut. */
export function readLimit(router: ReportRouter, message: KernelMessage): boolean {
  const { text } = message;
  if (!LIMIT_LINE.test(text)) return false;
  return readTaskIn(router, message) || readCounter(router, message) || readStats(router, message);
}

function readTaskIn(router: ReportRouter, message: KernelMessage): boolean {
  const limitReached = parseLimitReached(message.text);
  const line = limitReached === null ? parseTaskIn(message.text) : { victimCgroup: null, limitCgroup: limitReached };
  if (line === null) return false;
  const report =
    line.victimCgroup === null
      ? router.findOrBegin(message, (r) => beforeTable(r) && r.limit.path === null)
      : router.findOrBegin(message, (r) => beforeTable(r) && r.limit.path === null && r.victimCgroup === null);
  report.addTaskIn(line);
  return true;
}

function readCounter(router: ReportRouter, message: KernelMessage): boolean {
  if (!COUNTER_START.test(message.text)) return false;
  const line = parseCounter(message.text);
  if (line === null) {
    router.problem(message, '"memory: usage …kB, limit …kB, failcnt …"');
    return true;
  }
  router.findOrBegin(message, (r) => beforeTable(r) && !r.limit.has(line.name)).addCounter(line.name, line.counter);
  return true;
}

function readStats(router: ReportRouter, message: KernelMessage): boolean {
  const line = parseStats(message.text);
  if (line === null) return false;
  router.findOrBegin(message, beforeTable).addStats(line.stats, line.linesFollow);
  return true;
}

/** Lines that mean something only within a report: single statistics of a cgroup, and the machine's memory. */
export function readMemoryDetail(router: ReportRouter, message: KernelMessage): boolean {
  const statistic = parseStatistic(message.text);
  if (statistic !== null) {
    const report = router.find(message, (r) => r.limit.statsFollow);
    report?.limit.addStatistic(statistic.name, statistic.value);
    return report !== undefined;
  }
  const fact = parseNodeLine(message.text);
  if (fact === null) return false;
  // A node's report whose "Mem-Info:" was lost still has the rest of it.
  const expects = (r: ReportBuilder) => (fact.kind === 'begin' ? !r.node.seen : r.node.seen || !r.limit.hasCounters);
  const report = router.find(message, (r) => beforeTable(r) && expects(r));
  report?.addNodeFact(fact);
  if (fact.kind === 'swap-total') router.learn({ swapTotalBytes: fact.bytes });
  return report !== undefined;
}
