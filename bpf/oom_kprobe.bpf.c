// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kill path by kprobe and kretprobe, for hosts without fentry. A kretprobe sees no arguments:
 * they are stashed at the entry, in the open episode, since only its owner's calls matter.
 */
#include "candidate.bpf.h"
#include "choice.bpf.h"

#include <bpf/bpf_tracing.h>

SEC("kprobe/out_of_memory")
int BPF_KPROBE(kprobe_out_of_memory, struct oom_control *oc)
{
	begin_episode(oc);
	episode.stashed_control = (u64)oc;
	return 0;
}

SEC("kretprobe/out_of_memory")
int BPF_KRETPROBE(kretprobe_out_of_memory, u64 returned)
{
	end_episode((struct oom_control *)episode.stashed_control, returned);
	return 0;
}

SEC("kprobe/oom_badness")
int BPF_KPROBE(kprobe_oom_badness, struct task_struct *task)
{
	if (in_recorded_episode())
		episode.stashed_scored = (u64)task;
	return 0;
}

SEC("kretprobe/oom_badness")
int BPF_KRETPROBE(kretprobe_oom_badness, long points)
{
	if (in_recorded_episode() && episode.stashed_scored)
		record_score((struct task_struct *)episode.stashed_scored, points);
	return 0;
}

SEC("kprobe/oom_evaluate_task")
int BPF_KPROBE(kprobe_oom_evaluate_task, struct task_struct *task)
{
	if (in_recorded_episode()) {
		episode.stashed_task = (u64)task;
		episode.stashed_scored = 0;
	}
	return 0;
}

SEC("kretprobe/oom_evaluate_task")
int BPF_KRETPROBE(kretprobe_oom_evaluate_task, int returned)
{
	struct oom_control *oc = (void *)episode.stashed_control;

	if (in_recorded_episode() && episode.stashed_task)
		record_unscored((struct task_struct *)episode.stashed_task, oc, returned);
	return 0;
}

SEC("kprobe/oom_kill_process")
int BPF_KPROBE(kprobe_oom_kill_process, struct oom_control *oc, const char *message)
{
	record_choice(oc, message);
	return 0;
}

SEC("kprobe/__oom_kill_process")
int BPF_KPROBE(kprobe___oom_kill_process, struct task_struct *task)
{
	note_kill(task);
	return 0;
}

SEC("kprobe/mark_oom_victim")
int BPF_KPROBE(kprobe_mark_oom_victim, struct task_struct *task)
{
	record_mark(task);
	return 0;
}
