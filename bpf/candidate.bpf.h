/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One record per process weighed. oom_badness() is also what /proc/PID/oom_score reads: only calls
 * made by the owner of the open episode count. Runs once per candidate under oom_lock: no path, no
 * search, no wake-up here.
 *
 * Once half of a ring is full, the candidates are held back until somebody is chosen, or until there
 * are too many. Of an episode that kills nobody they are then counted and not recorded: thousands
 * of those may come before a kill, while an earlier victim is slow to die.
 */
#ifndef OOMSCOPE_CANDIDATE_BPF_H
#define OOMSCOPE_CANDIDATE_BPF_H

#include "episode.bpf.h"
#include "skipped.bpf.h"

#define WAKE_EACH_CANDIDATES 1024

#define HELD_MAX 512

/* The first place also serves for a candidate that goes out at once. The owner's alone. */
static struct candidate held[HELD_MAX];

static __always_inline void put_candidate(struct candidate *record, u64 wake)
{
	if (bpf_ringbuf_output(&ballot, record, sizeof(*record), wake))
		lose_candidates(1);
}

/* Those that follow go out at once. The end of the episode, or one of them, wakes the reader. */
static __noinline int let_out_candidates(void)
{
	for (u32 i = 0; i < HELD_MAX && i < episode.candidates_held; i++)
		put_candidate(&held[i], BPF_RB_NO_WAKEUP);
	episode.candidates_held = 0;
	episode.holds_candidates = false;
	return 0;
}

static __always_inline struct candidate *place_for_candidate(void)
{
	u32 place = episode.candidates_held;

	episode.candidates_seen++;
	if (place >= HELD_MAX) {
		let_out_candidates();
		place = 0;
	}
	return &held[place];
}

static __always_inline void keep_or_put(struct candidate *record)
{
	u64 wake = episode.candidates_seen % WAKE_EACH_CANDIDATES ? BPF_RB_NO_WAKEUP
								  : BPF_RB_FORCE_WAKEUP;

	record->pad = 0;
	if (episode.holds_candidates)
		episode.candidates_held++;
	else
		put_candidate(record, wake);
}

/* At the return of oom_badness(). */
static __always_inline void record_score(struct task_struct *task, s64 points)
{
	struct candidate *record;
	u64 mm;

	if (!in_recorded_episode())
		return;
	episode.scored_task = (u64)task;
	record = place_for_candidate();
	set_header(&record->header, RECORD_CANDIDATE, sizeof(*record), episode.begin_ns);
	read_task(&record->task, task);
	mm = read_task_mm(&record->mm, task);
	record->points = points;
	/* Asked again right after oom_badness() said no. */
	record->status = points == LONG_MIN ? why_not_scored((u64)task, mm) : CANDIDATE_SCORED;
	keep_or_put(record);
}

/*
 * Whether the leader may allocate where the trigger may: then it was in the domain of a node-wide
 * OOM, and that oom_badness() was not seen for it is our loss and not the kernel's reason.
 */
static __always_inline bool shares_nodes_with_current(struct task_struct *task)
{
	struct task_struct *current = (void *)bpf_get_current_task();
	u64 words = bpf_core_type_size(nodemask_t) / sizeof(u64);

	if (!bpf_core_field_exists(task->mems_allowed))
		return true; /* no cpusets in this kernel */
	for (u32 i = 0; i < OOMSCOPE_NODEMASK_WORDS && i < words; i++) {
		u64 theirs = 0, ours = 0;

		bpf_probe_read_kernel(&theirs, sizeof(theirs), (u64 *)&task->mems_allowed + i);
		bpf_probe_read_kernel(&ours, sizeof(ours), (u64 *)&current->mems_allowed + i);
		if (theirs & ours)
			return true;
	}
	return false;
}

/*
 * Why oom_evaluate_task() never asked oom_badness(), in its order; 0 = it must have, and that was
 * missed.
 */
static __noinline int why_not_weighed(u64 task_address, u64 control_address, int returned)
{
	struct task_struct *task = (void *)task_address;
	struct oom_control *oc = (void *)control_address;
	struct signal_struct *signal = PROBE(task, signal);
	struct mm_struct *victim_mm = PROBE(signal, oom_mm);

	if (PROBE(task, tgid) == 1)
		return CANDIDATE_INIT;
	if (returned)
		return CANDIDATE_DYING;
	if (victim_mm && PROBE(oc, order) != -1 && mm_has_flag(victim_mm, MMF_OOM_SKIP))
		return CANDIDATE_REAPED;
	if (PROBE(signal, oom_flag_origin))
		return CANDIDATE_OOM_ORIGIN;
	if (PROBE(oc, memcg))
		return 0;
	if (PROBE(oc, nodemask) || !shares_nodes_with_current(task))
		return CANDIDATE_NOT_IN_DOMAIN;
	return 0;
}

/* At the return of oom_evaluate_task(). */
static __always_inline void record_unscored(struct task_struct *task, struct oom_control *oc,
					    int returned)
{
	struct candidate *record;
	int status;

	if (!in_recorded_episode())
		return;
	if (episode.scored_task == (u64)task) {
		episode.scored_task = 0;
		return;
	}
	if (READ(task, flags) & PF_KTHREAD) {
		episode.kernel_threads++;
		return;
	}
	status = why_not_weighed((u64)task, (u64)oc, returned);
	if (!status) {
		/*
		 * The program at oom_badness() was skipped by the kernel, which user space counts.
		 */
		episode.candidates_seen++;
		episode.candidates_lost++;
		return;
	}
	record = place_for_candidate();
	set_header(&record->header, RECORD_CANDIDATE, sizeof(*record), episode.begin_ns);
	read_task(&record->task, task);
	read_task_mm(&record->mm, task);
	record->points = status == CANDIDATE_OOM_ORIGIN ? LONG_MAX : LONG_MIN;
	record->status = status;
	keep_or_put(record);
}

#endif
