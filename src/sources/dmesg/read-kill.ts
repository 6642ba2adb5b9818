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
import type { ReportDesk } from './report-desk.js';
import { parseSummary } from './summary-line.js';

/** A kill this many kernel messages behind an open report is taken for its end, though its table lacks the victim. */
const NEAR = 64;

const KILL_LINE =
  /^(?:Out of memory|Memory cgroup out of memory|No available memory|Kill(?:ed)? process|Tasks in |are going to be killed|oom_reaper: |Kernel panic)/;

/** The end of a report: who was chosen, who was killed, what the reaper did. Any of them may begin a report that was cut. */
export function readKill(desk: ReportDesk, message: KernelMessage): boolean {
  if (!KILL_LINE.test(message.text)) return false;
  return (
    readKilled(desk, message) ||
    readChosen(desk, message) ||
    readReaper(desk, message) ||
    readGroup(desk, message) ||
    readSharing(desk, message) ||
    readEnd(desk, message)
  );
}

/** A whole "oom-kill:constraint=…" line. */
export function readSummary(desk: ReportDesk, message: KernelMessage): void {
  const line = parseSummary(message.text);
  if (line === null) {
    desk.problem(message, '"oom-kill:constraint=…,task_memcg=…,task=…,pid=…,uid=…"');
    return;
  }
  const report =
    desk.find(message, (r) => canEnd(r) && !r.hasSummary && r.table.row(line.pid) !== undefined) ??
    desk.findOrBegin(message, (r) => canEnd(r) && !r.hasSummary && desk.idle(r) <= NEAR);
  report.addSummary(line, message);
}

function readChosen(desk: ReportDesk, message: KernelMessage): boolean {
  const line = parseChosen(message.text);
  if (line === null) return false;
  const { pid, comm, score, scope } = line;
  const report = reportOf(desk, message, line);
  report.addChosen({ pid, comm, uid: null, score }, scope, message);
  if (line.allocatingTask) report.markAllocatingTask();
  return true;
}

function readKilled(desk: ReportDesk, message: KernelMessage): boolean {
  if (!KILLED_START.test(message.text)) return false;
  const line = parseKilled(message.text);
  if (line === null) {
    desk.problem(message, '"Killed process PID (NAME) total-vm:…kB, anon-rss:…kB, file-rss:…kB"');
    return true;
  }
  const group = memberOf(desk, message, line);
  if (group !== undefined) {
    group.addKilled(line, 'group', message);
    return true;
  }
  const report = reportOf(desk, message, line);
  report.addKilled(line, 'chosen', message);
  return true;
}

function readGroup(desk: ReportDesk, message: KernelMessage): boolean {
  const cgroup = parseOomGroup(message.text);
  if (cgroup === undefined) return false;
  // It stands behind the chosen one's kill.
  desk.findOrBegin(message, (r) => r.stage >= STAGE.chosen && !r.isGroupKill).markGroupKill(cgroup);
  return true;
}

function readSharing(desk: ReportDesk, message: KernelMessage): boolean {
  const line = parseSharing(message.text);
  if (line === null) return false;
  desk.findOrBegin(message, (r) => r.stage === STAGE.over).addKilled(killOf(line), 'shares-memory', message);
  return true;
}

function readReaper(desk: ReportDesk, message: KernelMessage): boolean {
  if (!message.text.startsWith(REAPER_START)) return false;
  const line = parseReaper(message.text);
  if (line === null) {
    desk.problem(message, '"oom_reaper: reaped process PID (NAME), now anon-rss:…kB, …"');
    return true;
  }
  const report =
    desk.findOfAnyCaller(message, (r) => r.hasKilled(line.pid)) ??
    // It reaped a process that was marked while it was exiting, without a kill; or the kill's line was lost.
    desk.findOfAnyCaller(message, (r) => r.choice?.pid === line.pid) ??
    desk.begin(message);
  report.addReaper(line, message);
  return true;
}

function readEnd(desk: ReportDesk, message: KernelMessage): boolean {
  const exiting = parseAlreadyExiting(message.text);
  if (exiting !== null) {
    if (memberOf(desk, message, exiting) !== undefined) return true;
    const { pid, comm, scope } = exiting;
    const report = reportOf(desk, message, exiting);
    if (report.choice === null) report.addChosen({ pid, comm, uid: null, score: null }, scope, message);
    report.markEnd('already-exiting', scope);
    return true;
  }
  const end = parseEnd(message.text);
  if (end === null) return false;
  // The panic comes right behind the report, or behind "no killable processes", which has ended it.
  const report =
    desk.find(message, (r) => canEnd(r) || (end === 'panic' && desk.idle(r) <= NEAR)) ?? desk.begin(message);
  report.markEnd(end, null);
  return true;
}

function canEnd(report: ReportBuilder): boolean {
  return report.stage < STAGE.over;
}

/** The report whose group is being killed: the newest, once its chosen process was killed. */
function memberOf(desk: ReportDesk, message: KernelMessage, kill: Pick<Kill, 'scope'>): ReportBuilder | undefined {
  const newest = desk.peek(message, () => true);
  return desk.find(
    message,
    (r) => r === newest && r.isGroupKill && !canEnd(r) && r.agreesWith(kill.scope) && desk.idle(r) <= NEAR,
  );
}

interface Kill {
  readonly pid: number;
  readonly comm: string;
  readonly scope: KillScope;
}

/** The report that this kill ends; a new one when its own was left out or lost. */
function reportOf(desk: ReportDesk, message: KernelMessage, kill: Kill): ReportBuilder {
  const open = (report: ReportBuilder) => canEnd(report) && report.agreesWith(kill.scope);
  return (
    desk.find(message, (r) => open(r) && names(r, kill)) ??
    desk.find(message, (r) => open(r) && desk.idle(r) <= NEAR && mayMean(r, kill)) ??
    desk.begin(message)
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
