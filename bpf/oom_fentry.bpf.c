// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kill path by fentry and fexit. oom_kprobe.bpf.c is its twin: the same facts by slower means.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "candidate.bpf.h"
#include "choice.bpf.h"

#include <bpf/bpf_tracing.h>

SEC("fentry/out_of_memory")
int BPF_PROG(fentry_out_of_memory, struct oom_control *oc)
{
	begin_episode(oc);
	return 0;
}

SEC("fexit/out_of_memory")
int BPF_PROG(fexit_out_of_memory, struct oom_control *oc, u64 returned)
{
	end_episode(oc, returned);
	return 0;
}

SEC("fexit/oom_badness")
int BPF_PROG(fexit_oom_badness, struct task_struct *task, unsigned long totalpages, long points)
{
	record_score(task, points);
	return 0;
}

SEC("fexit/oom_evaluate_task")
int BPF_PROG(fexit_oom_evaluate_task, struct task_struct *task, struct oom_control *oc,
	     int returned)
{
	record_unscored(task, oc, returned);
	return 0;
}

SEC("fentry/oom_kill_process")
int BPF_PROG(fentry_oom_kill_process, struct oom_control *oc, const char *message)
{
	record_choice(oc, message);
	return 0;
}

SEC("fentry/__oom_kill_process")
int BPF_PROG(fentry___oom_kill_process, struct task_struct *task, const char *message)
{
	note_kill(task);
	return 0;
}

SEC("fentry/mark_oom_victim")
int BPF_PROG(fentry_mark_oom_victim, struct task_struct *task)
{
	record_mark(task);
	return 0;
}
