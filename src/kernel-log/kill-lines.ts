import { adjOrNull, kibToBytes } from './amounts.js';

// What oom_kill_process() and the reaper print (mm/oom_kill.c).

/** The words before "Killed process" or "Kill process" tell what was short. */
export type KillScope = 'memcg' | 'node' | null;

const MEMCG = 'Memory cgroup out of memory';

function scopeOf(prefix: string | undefined): KillScope {
  if (prefix === undefined || prefix === '') return null;
  return prefix.startsWith(MEMCG) ? 'memcg' : 'node';
}

export interface ChosenLine {
  readonly scope: KillScope;
  readonly allocatingTask: boolean;
  readonly pid: number;
  readonly comm: string;
  readonly score: number;
}

const CHOSEN =
  /^(Out of memory(?: \([a-z_]{1,40}\))?|Memory cgroup out of memory|No available memory[^:]{0,40}): Kill process (\d{1,10}) \((.{0,63})\) score (\d{1,10})/;

/** "Out of memory: Kill process 123 (x) score 900 or sacrifice child": before 5.2. */
export function parseChosen(text: string): ChosenLine | null {
  const parts = CHOSEN.exec(text);
  if (parts === null) return null;
  return {
    scope: scopeOf(parts[1]),
    allocatingTask: (parts[1] ?? '').includes('allocating_task'),
    pid: Number(parts[2]),
    comm: parts[3] ?? '',
    score: Number(parts[4]),
  };
}

export interface KilledLine {
  readonly scope: KillScope;
  readonly allocatingTask: boolean;
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | null;
  readonly adj: number | null;
  readonly totalVmBytes: number | null;
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
  readonly pageTableBytes: number | null;
}

const KILLED =
  /^(?:(Out of memory(?: \([a-z_]{1,40}\))?|Memory cgroup out of memory): )?Killed process (\d{1,10})(?:, UID (\d{1,10}),)? \((.{0,63})\)(?:, UID (\d{1,10}))?,? total-vm:/;

/** What makes a line one of these, however the rest of it reads. */
export const KILLED_START =
  /^(?:Out of memory(?: \([a-z_]{1,40}\))?: |Memory cgroup out of memory: )?Killed process \d/;

/**
 * "Killed process 123 (x) total-vm:1kB, anon-rss:1kB, file-rss:1kB". shmem-rss since 4.5; what was short before it since
 * 5.2; UID, pgtables and oom_score_adj since 5.4. RHEL 6 has the UID before the name, RHEL 7 behind it. Null = it does not read so.
 */
export function parseKilled(text: string): KilledLine | null {
  const parts = KILLED.exec(text);
  if (parts === null) return null;
  const vendorUid = parts[3] ?? parts[5];
  const amounts = text.slice(parts[0].length - 'total-vm:'.length);
  const kib = (name: string): number | null => {
    const digits = new RegExp(`(?:^|[ ,])${name}:(\\d{1,16})kB`).exec(amounts)?.[1];
    return digits === undefined ? null : kibToBytes(digits);
  };
  const number = (expression: RegExp): number | null => {
    const digits = expression.exec(amounts)?.[1];
    return digits === undefined ? null : Number(digits);
  };
  return {
    scope: scopeOf(parts[1]),
    allocatingTask: (parts[1] ?? '').includes('allocating_task'),
    pid: Number(parts[2]),
    comm: parts[4] ?? '',
    uid: vendorUid === undefined ? number(/ UID:(\d{1,10})(?: |$)/) : Number(vendorUid),
    adj: adjOrNull(/ oom_score_adj:(-?\d{1,5})(?: |$)/.exec(amounts)?.[1] ?? 'none'),
    totalVmBytes: kib('total-vm'),
    rssAnonBytes: kib('anon-rss'),
    rssFileBytes: kib('file-rss'),
    rssShmemBytes: kib('shmem-rss'),
    pageTableBytes: kib('pgtables'),
  };
}

const SHARING = /^Kill process (\d{1,10}) \((.{0,63})\) sharing same memory/;
const EXITING =
  /^(Out of memory(?: \([a-z_]{1,40}\))?|Memory cgroup out of memory): OOM victim (\d{1,10}) \((.{0,63})\) is already exiting\./;

/** "Kill process 124 (x) sharing same memory": 3.x and early 4.x. */
export function parseSharing(text: string): { readonly pid: number; readonly comm: string } | null {
  const parts = SHARING.exec(text);
  return parts === null ? null : { pid: Number(parts[1]), comm: parts[2] ?? '' };
}

/** "Out of memory: OOM victim 123 (x) is already exiting. Skip killing the task": since 5.9. */
export function parseAlreadyExiting(text: string): { scope: KillScope; pid: number; comm: string } | null {
  const parts = EXITING.exec(text);
  return parts === null ? null : { scope: scopeOf(parts[1]), pid: Number(parts[2]), comm: parts[3] ?? '' };
}

export interface ReaperLine {
  readonly pid: number;
  readonly comm: string;
  readonly reaped: boolean;
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
}

export const REAPER_START = 'oom_reaper: ';

const REAPED =
  /^oom_reaper: reaped process (\d{1,10}) \((.{0,63})\),? (?:now )?anon-rss:(\d{1,16})kB, file-rss:(\d{1,16})kB(?:, shmem-rss:(\d{1,16})kB)?/;
const UNABLE = /^oom_reaper: unable to reap pid:(\d{1,10}) \((.{0,63})\)/;

/** "oom_reaper: reaped process 123 (x), now anon-rss:0kB, …" or "oom_reaper: unable to reap pid:123 (x)": since 4.6. */
export function parseReaper(text: string): ReaperLine | null {
  const reaped = REAPED.exec(text);
  if (reaped !== null) {
    return {
      pid: Number(reaped[1]),
      comm: reaped[2] ?? '',
      reaped: true,
      rssAnonBytes: kibToBytes(reaped[3] ?? ''),
      rssFileBytes: kibToBytes(reaped[4] ?? ''),
      rssShmemBytes: reaped[5] === undefined ? null : kibToBytes(reaped[5]),
    };
  }
  const unable = UNABLE.exec(text);
  if (unable === null) return null;
  const left = { rssAnonBytes: null, rssFileBytes: null, rssShmemBytes: null };
  return { pid: Number(unable[1]), comm: unable[2] ?? '', reaped: false, ...left };
}

/** Reports that end without a kill. */
export type EndLine = 'no-candidate' | 'panic';

/** "Out of memory and no killable processes...", a panic for lack of memory (vm.panic_on_oom, deadlock). */
export function parseEnd(text: string): EndLine | null {
  if (
    text.startsWith('Kernel panic - not syncing: Out of memory') ||
    text.startsWith('Kernel panic - not syncing: System is deadlocked on memory')
  ) {
    return 'panic';
  }
  return text.startsWith('Out of memory and no killable processes') ? 'no-candidate' : null;
}
