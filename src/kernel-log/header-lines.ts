import { adjOrNull, unsignedUid, wholeNumber } from './amounts.js';
import type { AllocationRequest } from './report.js';

// The lines with which a report begins: dump_header() in mm/oom_kill.c, and the stack dump's first line.

export interface InvokedLine extends AllocationRequest {
  readonly comm: string;
  readonly adj: number;
}

/** What makes a line the beginning of a report, however the rest of it reads. */
export const INVOKED = ' invoked oom-killer: ';

const INVOKED_ARGUMENTS =
  /^gfp_mask=(0x[0-9a-f]{1,16}|0)(?:\(([^()]{0,512})\))?,(?: nodemask=(\(null\)|[\d,-]{0,256}),)? {1,2}order=(-?\d{1,5})(?:, oom_adj=-?\d{1,5})?, oom_score_adj=(-?\d{1,5})/;

/**
 * "comm invoked oom-killer: gfp_mask=…, order=…, oom_score_adj=…". Flag names since 4.6; nodemask in 4.10 to 4.20 (with
 * two blanks behind it up to 4.14); oom_adj in 2.6. Null = it does not read so.
 */
export function parseInvoked(text: string): InvokedLine | null {
  const at = text.indexOf(INVOKED);
  const parts = INVOKED_ARGUMENTS.exec(text.slice(at + INVOKED.length));
  if (at < 0 || parts === null) return null;
  const gfpMask = wholeNumber(parts[1] ?? '');
  const adj = adjOrNull(parts[5] ?? '');
  if (gfpMask === null || adj === null) return null;
  return {
    comm: text.slice(0, at),
    gfpMask,
    gfpFlags: parts[2] ?? null,
    nodemask: nodemaskOrNull(parts[3]),
    order: Number(parts[4]),
    adj,
  };
}

/** "(null)" means no mempolicy. */
function nodemaskOrNull(nodemask: string | undefined): string | null {
  return nodemask === undefined || nodemask === '(null)' || nodemask === '' ? null : nodemask;
}

const CPUSET = /^(.{1,63}) cpuset=(.{1,4096}) mems_allowed=([\d,-]{0,256})$/;

/** "comm cpuset=/ mems_allowed=0-1": before 5.0. The cpuset's name is the last part of its path. */
export function parseCpuset(text: string): { comm: string; cpuset: string; memsAllowed: string } | null {
  const parts = CPUSET.exec(text);
  return parts === null ? null : { comm: parts[1] ?? '', cpuset: parts[2] ?? '', memsAllowed: parts[3] ?? '' };
}

export interface TaskIdentity {
  readonly tid: number;
  readonly uid: number | null;
  readonly comm: string;
  readonly kernelRelease: string | null;
}

const CPU_LINE =
  /^CPU: \d{1,6} (?:UID: (-?\d{1,10}) )?PID: (\d{1,10}) Comm: (.{0,63}?) (?:Kdump: loaded )?(?:Not tainted|Tainted:)/;
const PID_LINE = /^Pid: (\d{1,10}), comm: (.{0,63}?) (?:Not tainted|Tainted:)/;
const RELEASE = / (\d{1,3}\.\d{1,3}\S{0,120}) #/;

/**
 * "CPU: 0 UID: 0 PID: 1234 Comm: x Not tainted 6.12.0 #1 …": the first line of dump_stack(), with the running thread.
 * UID in 6.12 and later; "Pid: 1234, comm: x Not tainted 3.7.0 #1" in the oldest.
 */
export function parseTaskIdentity(text: string): TaskIdentity | null {
  const release = RELEASE.exec(text)?.[1] ?? null;
  const cpu = CPU_LINE.exec(text);
  if (cpu !== null) {
    const uid = cpu[1] === undefined ? null : unsignedUid(Number(cpu[1]));
    return { tid: Number(cpu[2]), uid, comm: cpu[3] ?? '', kernelRelease: release };
  }
  const pid = PID_LINE.exec(text);
  return pid === null
    ? null
    : { tid: Number(pid[1]), uid: null, comm: (pid[2] ?? '').trimEnd(), kernelRelease: release };
}
