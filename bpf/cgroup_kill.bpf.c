// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kernel functions around kills by user space; each is optional. cgroup_kill_kprobe.bpf.c is its twin.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "sent_kills.bpf.h"

#include <bpf/bpf_tracing.h>

SEC("fentry/cgroup_kill_write")
int BPF_PROG(fentry_cgroup_kill_write, struct kernfs_open_file *of)
{
	begin_cgroup_kill(of);
	return 0;
}

SEC("fexit/cgroup_kill_write")
int BPF_PROG(fexit_cgroup_kill_write)
{
	end_cgroup_kill();
	return 0;
}

SEC("fentry/__oom_reap_task_mm")
int BPF_PROG(fentry___oom_reap_task_mm, struct mm_struct *mm)
{
	record_release(mm);
	return 0;
}
