// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same as cgroup_kill.bpf.c, where fentry cannot be had. */
#include "sent_kills.bpf.h"

#include <bpf/bpf_tracing.h>

SEC("kprobe/cgroup_kill_write")
int BPF_KPROBE(kprobe_cgroup_kill_write, struct kernfs_open_file *of)
{
	begin_cgroup_kill(of);
	return 0;
}

SEC("kretprobe/cgroup_kill_write")
int BPF_KRETPROBE(kretprobe_cgroup_kill_write)
{
	end_cgroup_kill();
	return 0;
}

SEC("kprobe/__oom_reap_task_mm")
int BPF_KPROBE(kprobe___oom_reap_task_mm, struct mm_struct *mm)
{
	record_release(mm);
	return 0;
}
