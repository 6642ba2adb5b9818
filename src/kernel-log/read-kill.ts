import {
  KILLED_START,
  type KilledLine,
  type KillScope,
  parseAlreadyExiting,
  parseChosen,
  parseEnd,
  parseKilled,
  parseReaper,
  parseSharing,
  REAPER_START,
} from './kill-lines.js';
import { parseOomGroup } from './memcg-lines.js';
import type { KernelMessage } from './message-reader.js';
import { type ReportBuilder, STAGE } from './report-builder.js';
import type { ReportRouter } from './report-router.js';
import { parseSummary } from './summary-line.js';

/** A kill this many kernel messages behind an open report is taken for its end, though its table lacks the victim. */
const NEAR = 64;

const KILL_LINE =
  /^(?:Out of memory|Memory cgroup out of memory|No available memory|Kill(?:ed)? process|Tasks in |are going to be killed|oom_reaper: |Kernel panic)/;

/** The end of a report: who was chosen, who was killed, what the reaper did. Any of them may begin a report that was cut. */
export function readKill(router: ReportRouter, message: KernelMessage): boolean {
  if (!KILL_LINE.test(message.text)) return false;
  return (
    readKilled(router, message) ||
    readChosen(router, message) ||
    readReaper(router, message) ||
    readGroup(router, message) ||
    readSharing(router, message) ||
    readEnd(router, message)
  );
}

/** "oom-kill:constraint=…", whole or as far as it came: the report that it belongs to. */
export function readSummary(router: ReportRouter, message: KernelMessage): ReportBuilder {
  const line = parseSummary(message.text);
  const open = (report: ReportBuilder) => canEnd(report) && !report.hasSummary;
  const { chosen } = line;
  const report =
    (chosen === null ? undefined : router.find(message, (r) => open(r) && r.table.row(chosen.pid) !== undefined)) ??
    router.findOrBegin(message, (r) => open(r) && router.idle(r) <= NEAR);
  report.addSummary(line, message);
  return report;
}

function readChosen(router: ReportRouter, message: KernelMessage): boolean {
  const line = parseChosen(message.text);
  if (line === null) return false;
  const { pid, comm, score, scope } = line;
  const report = reportOf(router, message, line);
  report.addChosen({ pid, comm, uid: null, score }, scope, message);
  if (line.allocatingTask) report.markAllocatingTask();
  return true;
}

function readKilled(router: ReportRouter, message: KernelMessage): boolean {
  if (!KILLED_START.test(message.text)) return false;
  const line = parseKilled(message.text);
  if (line === null) {
    router.problem(message, '"Killed process PID (NAME) total-vm:…kB, anon-rss:…kB, file-rss:…kB"');
    return true;
  }
  const group = memberOf(router, message, line);
  if (group !== undefined) {
    group.addKilled(line, 'group', message);
    return true;
  }
  const report = reportOf(router, message, line);
  report.addKilled(line, 'chosen', message);
  return true;
}

function readGroup(router: ReportRouter, message: KernelMessage): boolean {
  const cgroup = parseOomGroup(message.text);
  if (cgroup === undefined) return false;
  // It stands behind the chosen one's kill.
  router.findOrBegin(message, (r) => r.stage >= STAGE.chosen && !r.isGroupKill).markGroupKill(cgroup);
  return true;
}

function readSharing(router: ReportRouter, message: KernelMessage): boolean {
  const line = parseSharing(message.text);
  if (line === null) return false;
  router.findOrBegin(message, (r) => r.stage === STAGE.over).addKilled(killOf(line), 'shares-memory', message);
  return true;
}

function readReaper(router: ReportRouter, message: KernelMessage): boolean {
  if (!message.text.startsWith(REAPER_START)) return false;
  const line = parseReaper(message.text);
  if (line === null) {
    router.problem(message, '"oom_reaper: reaped process PID (NAME), now anon-rss:…kB, …"');
    return true;
  }
  const report =
    router.findOfAnyCaller(message, (r) => r.hasKilled(line.pid)) ??
    // It reaped a process that was marked while it was exiting, without a kill; or the kill's line was lost.
    router.findOfAnyCaller(message, (r) => r.choice?.pid === line.pid) ??
    router.begin(message);
  report.addReaper(line, message);
  return true;
}

function readEnd(router: ReportRouter, message: KernelMessage): boolean {
  const exiting = parseAlreadyExiting(message.text);
  if (exiting !== null) {
    if (memberOf(router, message, exiting) !== undefined) return true;
    const { pid, comm, scope } = exiting;
    const report = reportOf(router, message, exiting);
    if (report.choice === null) report.addChosen({ pid, comm, uid: null, score: null }, scope, message);
    report.markEnd('already-exiting', scope);
    return true;
  }
  const end = parseEnd(message.text);
  if (end === null) return false;
  // The panic comes right behind the report, or behind "no killable processes", which has ended it.
  const report =
    router.find(message, (r) => canEnd(r) || (end === 'panic' && router.idle(r) <= NEAR)) ?? router.begin(message);
  report.markEnd(end, null);
  return true;
}

function canEnd(report: ReportBuilder): boolean {
  return report.stage < STAGE.over;
}

/** The report whose group is being killed: the newest, once its chosen process was killed. */
function memberOf(router: ReportRouter, message: KernelMessage, kill: Pick<Kill, 'scope'>): ReportBuilder | undefined {
  const newest = router.peek(message, () => true);
  return router.find(
    message,
    (r) => r === newest && r.isGroupKill && !canEnd(r) && r.agreesWith(kill.scope) && router.idle(r) <= NEAR,
  );
}

interface Kill {
  readonly pid: number;
  readonly comm: string;
  readonly scope: KillScope;
}

/** The report that this kill ends; a new one when its own was left out or lost. */
function reportOf(router: ReportRouter, message: KernelMessage, kill: Kill): ReportBuilder {
  const open = (report: ReportBuilder) => canEnd(report) && report.agreesWith(kill.scope);
  return (
    router.find(message, (r) => open(r) && names(r, kill)) ??
    router.find(message, (r) => open(r) && router.idle(r) <= NEAR && mayMean(r, kill)) ??
    router.begin(message)
  );
}

function names(report: ReportBuilder, { pid }: Kill): boolean {
  return report.choice === null ? report.table.row(pid) !== undefined : report.choice.pid === pid;
}

/** For a report near by. A cut one and a kill without a report are not told apart: they are taken for one. */
function mayMean({ choice }: ReportBuilder, { comm }: Kill): boolean {
  // Another thread of the chosen process holds its memory; or, before 5.2, a child dies in the chosen one's place.
  return choice === null || choice.comm === comm || choice.score !== null;
}

function killOf(process: { readonly pid: number; readonly comm: string }): KilledLine {
  const unknown = { uid: null, adj: null, totalVmBytes: null, rssAnonBytes: null, rssFileBytes: null };
  return { scope: null, allocatingTask: false, ...process, ...unknown, rssShmemBytes: null, pageTableBytes: null };
}
