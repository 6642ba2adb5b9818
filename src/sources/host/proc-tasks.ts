import { readdirSync } from 'node:fs';
import type { Candidate, CandidateStatus } from '../../events/episode.js';
import { readText } from './read-text.js';

/** include/linux/sched.h: its bit in field 9 of /proc/PID/stat. */
const PF_KTHREAD = 0x0020_0000;
/** Of field 22: USER_HZ, the same on every machine that Linux runs on today. */
const US_PER_TICK = 10_000;

/**
 * Every process as /proc tells it, in the order of process ids: for hosts where no BPF program may be loaded. It cannot
 * see four of the kernel's reasons to pass a process over (an earlier victim, one whose memory was reaped, vfork(), a leader
 * that has exited while its threads live on), nor who asked to die first.
 */
export function readProcTasks(): Candidate[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((pid) => {
      const files = {
        stat: readText(`/proc/${pid}/stat`),
        status: readText(`/proc/${pid}/status`),
        adj: readText(`/proc/${pid}/oom_score_adj`),
        cgroup: readText(`/proc/${pid}/cgroup`),
      };
      const task = parseProcTask(Number(pid), files);
      return task === null ? [] : [task];
    });
}

export interface ProcFiles {
  readonly stat: string | null;
  readonly status: string | null;
  readonly adj: string | null;
  readonly cgroup: string | null;
}

/** Null = it has ended, or is a kernel thread. Its points are not computed: they depend on whose limit is hit. */
export function parseProcTask(pid: number, { stat, status, adj, cgroup }: ProcFiles): Candidate | null {
  if (stat === null || status === null || adj === null) return null;
  // The name in parentheses may hold anything: fields are counted from behind it. Field 3 is the first one there.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  if ((field(9) & PF_KTHREAD) !== 0) return null;
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  const oomScoreAdj = Number(adj);
  return {
    pid,
    tid: pid,
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    comm: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    startUs: field(22) * US_PER_TICK,
    adj: oomScoreAdj,
    cgroupId: null,
    cgroupPath: cgroup === null ? null : memoryCgroupPath(cgroup),
    rssBytes: null,
    rssAnonBytes: bytes('RssAnon'),
    rssFileBytes: bytes('RssFile'),
    rssShmemBytes: bytes('RssShmem'),
    swapBytes: bytes('VmSwap'),
    pageTableBytes: bytes('VmPTE'),
    status: statusOf(pid, oomScoreAdj, /^VmRSS:/m.test(status)),
    points: null,
  };
}

function statusOf(pid: number, adj: number, hasMemory: boolean): CandidateStatus {
  if (pid === 1) return 'skipped-init';
  if (!hasMemory) return 'skipped-no-mm';
  return adj === -1000 ? 'skipped-adj-min' : 'scored';
}

/** From /proc/PID/cgroup: the line of v1's memory controller, else v2's. */
export function memoryCgroupPath(text: string): string | null {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const memory = lines.find((line) => line?.[1]?.split(',').includes('memory'));
  const unified = lines.find((line) => line?.[1] === '');
  return (memory ?? unified)?.[2] ?? null;
}
