import { readdirSync, readFileSync } from 'node:fs';

/** include/linux/sched.h: its bits in field 9 of /proc/PID/stat. */
const PF_EXITING = 0x4;
const PF_SIGNALED = 0x400;
const SIGKILL_BIT = 1n << 8n;

/**
 * True if the process is gone or on its way: every thread has ended, is ending, or has SIGKILL waiting for it.
 * A kill by the kernel is found by waitpid only later; a kill by us in between must not be taken for the cause.
 */
export function isEnding(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((tid) => isThreadEnding(`/proc/${pid}/task/${tid}`));
  } catch {
    return true;
  }
}

function isThreadEnding(directory: string): boolean {
  try {
    // The name in parentheses may hold anything: fields are counted from behind it. Field 3 is the state.
    const stat = readFileSync(`${directory}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const flags = Number(fields[9 - 3]);
    if ((flags & (PF_EXITING | PF_SIGNALED)) !== 0) return true;
    const pending = /^SigPnd:\t([0-9a-f]+)$/m.exec(readFileSync(`${directory}/status`, 'utf8'))?.[1];
    return pending !== undefined && (BigInt(`0x${pending}`) & SIGKILL_BIT) !== 0n;
  } catch {
    return true;
  }
}
