import type { HostFacts } from '../../src/sources/kernel/host-facts.js';

/** Fields of oom:mark_victim before 6.9: a thread id and nothing else. */
export const MARK_VICTIM_OLD = `name: mark_victim
ID: 480
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:int pid;	offset:8;	size:4;	signed:1;

print fmt: "pid=%d", REC->pid
`;

/** The same as of 6.12. */
export const MARK_VICTIM = `name: mark_victim
ID: 609
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:int pid;	offset:8;	size:4;	signed:1;
	field:__data_loc char[] comm;	offset:12;	size:4;	signed:0;
	field:unsigned long total_vm;	offset:16;	size:8;	signed:0;
	field:unsigned long anon_rss;	offset:24;	size:8;	signed:0;
	field:unsigned long file_rss;	offset:32;	size:8;	signed:0;
	field:unsigned long shmem_rss;	offset:40;	size:8;	signed:0;
	field:uid_t uid;	offset:48;	size:4;	signed:0;
	field:unsigned long pgtables;	offset:56;	size:8;	signed:0;
	field:short oom_score_adj;	offset:64;	size:2;	signed:1;

print fmt: "pid=%d comm=%s", REC->pid, __get_str(comm)
`;

const ALL_TRACEPOINTS = {
  'oom:mark_victim': MARK_VICTIM,
  'oom:wake_reaper': '',
  'oom:start_task_reaping': '',
  'oom:finish_task_reaping': '',
  'oom:skip_task_reaping': '',
  'sched:sched_process_exit': '',
};

/** A Debian 12 server as root: nothing is missing. */
export const DEBIAN_ROOT: HostFacts = {
  bootId: '88753b89-9788-4821-a879-70748b1c0236',
  hostname: 'node-1',
  kernelRelease: '6.1.0-56-amd64',
  machine: 'x86_64',
  pageSizeBytes: 4096,
  cpuCount: 2,
  memoryTotalBytes: 2 ** 31,
  swapTotalBytes: 0,
  cgroupVersion: 2,
  cgroupRoot: '/sys/fs/cgroup',
  psi: true,
  privileges: { bpf: true, perfmon: true, sysAdmin: true },
  initialUserNamespace: true,
  lockdown: 'none',
  perfEventParanoid: 3,
  btf: {
    obstacle: null,
    functions: [
      'out_of_memory',
      'oom_badness',
      'oom_evaluate_task',
      'oom_kill_process',
      '__oom_kill_process',
      'mark_oom_victim',
      'bpf_iter_cgroup',
      'psi_memstall_enter',
      'psi_memstall_leave',
      'try_to_free_mem_cgroup_pages',
      'schedule_timeout_killable',
      'balance_pgdat',
      'cgroup_kill_write',
      '__oom_reap_task_mm',
    ],
  },
  kprobes: true,
  tracefs: { path: '/sys/kernel/tracing', formats: ALL_TRACEPOINTS, obstacle: null },
  bpffs: { pinDirectory: '/sys/fs/bpf/oomscope', obstacle: null },
};

export const NO_BTF: HostFacts['btf'] = {
  obstacle: "reading the kernel's BTF: No such file or directory",
  functions: [],
};

export const NO_TRACEFS: HostFacts['tracefs'] = { path: null, formats: {}, obstacle: 'tracefs is not mounted' };
