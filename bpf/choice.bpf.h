/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whom the episode chose, and whom it marked. */
#ifndef OOMSCOPE_CHOICE_BPF_H
#define OOMSCOPE_CHOICE_BPF_H

#include "candidate.bpf.h"
#include "victim.bpf.h"

/*
 * The message is the only trace of how the victim was found: "Out of memory
 * (oom_kill_allocating_task)", or one without brackets.
 */
static __noinline int names_allocating_task(u64 message_address)
{
	char message[48] = {};

	bpf_probe_read_kernel_str(message, sizeof(message), (void *)message_address);
	for (u32 i = 0; i < sizeof(message) - 8; i++) {
		if (message[i] == '(' && message[i + 1] == 'o' && message[i + 5] == 'k' &&
		    message[i + 8] == 'l')
			return 1;
	}
	return 0;
}

/* At the entry of oom_kill_process(). */
static __always_inline void record_choice(struct oom_control *oc, const char *message)
{
	struct task_struct *task;
	struct cgroup *cgroup;
	struct choice *record;

	if (!in_recorded_episode())
		return;
	task = READ(oc, chosen);
	episode.choice_seen = true;
	episode.chosen_tgid = READ(task, tgid);
	open_episode();
	let_out_candidates();
	record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	if (record) {
		set_header(&record->header, RECORD_CHOICE, sizeof(*record), episode.begin_ns);
		read_task(&record->task, task);
		record->points = READ(oc, chosen_points);
		record->totalpages = READ(oc, totalpages);
		record->how = names_allocating_task((u64)message) ? CHOICE_ALLOCATING_TASK
								  : CHOICE_SELECTED;
		record->constraint = READ(oc, constraint);
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	} else {
		lose_kills_records(1);
	}
	cgroup = memory_cgroup_of(task);
	read_cgroup(&episode.victim.record, cgroup, CGROUP_VICTIM);
	read_path(&episode.victim, (u64)cgroup);
	put_cgroup(&episode.victim);
}

/* At the entry of __oom_kill_process(): SIGKILL will be sent, and mark_oom_victim() comes next. */
static __always_inline void note_kill(struct task_struct *task)
{
	if (in_recorded_episode())
		episode.killed_tgid = READ(task, tgid);
}

/* At the entry of mark_oom_victim(). */
static __always_inline void record_mark(struct task_struct *task)
{
	bool in_episode = episode.owner == bpf_get_current_pid_tgid();
	struct signal_struct *signal = READ(task, signal);
	u32 tgid = READ(task, tgid);
	u64 episode_ns = 0;
	u32 flags = 0;

	if (in_episode) {
		if (!episode.recorded)
			return;
		episode.mark_seen = true;
		episode_ns = episode.begin_ns;
	} else if (!episode.seen || !may_record(bpf_ktime_get_boot_ns())) {
		/*
		 * Of an episode that ran before these programs were attached: those before them may
		 * have it.
		 */
		return;
	}
	if (READ(signal, oom_mm))
		return; /* another thread of it was marked before */
	if (in_episode) {
		open_episode();
		if (episode.killed_tgid == tgid)
			flags |= VICTIM_SIGKILLED;
		if (episode.chosen_tgid == tgid)
			flags |= VICTIM_CHOSEN;
		episode.victims++;
	}
	/* The end of the episode wakes the reader, once for a whole group. */
	if (!put_victim(task, episode_ns, flags,
			in_episode ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP))
		lose_kills_records(1);
}

#endif
