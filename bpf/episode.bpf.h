/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The open episode. out_of_memory() runs under oom_lock, so there is one at a time, and what
 * belongs to it runs in the task that took the lock: its owner. Everything here is touched by the
 * owner alone.
 *
 * The records that open an episode are kept back until it marks somebody, or ends. An episode that
 * kills nobody (an earlier victim is still dying, an allocation may not enter the file system) can
 * come back thousands of times a second; with nobody reading it may fill half of the `kills` ring
 * and no more, so that it never costs a kill. Nor shall it cost a kill its ballot: candidate.bpf.h.
 */
#ifndef OOMSCOPE_EPISODE_BPF_H
#define OOMSCOPE_EPISODE_BPF_H

#include "cgroups.bpf.h"
#include "marks.bpf.h"

#define ANCESTORS_MAX 16

struct ancestor {
	/* A cgroup_record without its path: the limit's path holds the name of each ancestor. */
	char bytes[CGROUP_BYTES_WITHOUT_PATH];
} __attribute__((aligned(8)));

static struct {
	u64 owner; /* bpf_get_current_pid_tgid(); 0 = none is open */
	u64 begin_ns;
	u64 seen;      /* since this set of programs was attached */
	bool recorded; /* by this set of programs; another one may have the gate */
	bool opened;   /* the first records are out */
	bool choice_seen;
	bool mark_seen;
	bool is_spare; /* the `kills` ring is half full: recorded only if it marks somebody */
	bool holds_candidates; /* in `held`, until somebody is chosen */
	u32 candidates_held;
	u32 killed_tgid; /* __oom_kill_process() runs for it */
	u32 chosen_tgid;
	u32 candidates_seen;
	u32 candidates_lost;
	u32 kernel_threads;
	u32 records_lost;
	u32 victims;
	u32 ancestors_count;
	u64 scored_task; /* oom_badness() ran for it and was recorded */
	/* Arguments of the kprobed function that runs now: its kretprobe sees none. */
	u64 stashed_control;
	u64 stashed_task;
	u64 stashed_scored;
	struct episode_begin begin;
	struct cgroup_buffer limit;
	struct cgroup_buffer trigger;
	struct cgroup_buffer victim;
	struct ancestor ancestors[ANCESTORS_MAX];
} episode;

/* Whether current runs an episode that this set of programs records. */
static __always_inline bool in_recorded_episode(void)
{
	return episode.recorded && episode.owner == bpf_get_current_pid_tgid();
}

static __always_inline void lose_kills_records(u32 records)
{
	episode.records_lost += records;
	count_kills_refused(records);
}

static __always_inline void lose_candidates(u32 candidates)
{
	episode.candidates_lost += candidates;
	count_ballot_refused(candidates);
}

static __always_inline void put_kills(void *record, u64 size, u64 flags)
{
	if (bpf_ringbuf_output(&kills, record, size, flags))
		lose_kills_records(1);
}

static __always_inline void put_cgroup(struct cgroup_buffer *buffer)
{
	u32 size = close_path(buffer);

	buffer->record.header.size = size;
	buffer->record.header.episode_ns = episode.begin_ns;
	put_kills(&buffer->record, size, BPF_RB_NO_WAKEUP);
}

static __always_inline void read_limit(struct mem_cgroup *memcg)
{
	struct cgroup *cgroup = PROBE(memcg, css.cgroup);
	struct cgroup_subsys_state *css = PROBE(memcg, css.parent);

	read_cgroup(&episode.limit.record, cgroup, CGROUP_LIMIT);
	read_path(&episode.limit, (u64)cgroup);
	episode.begin.limit_cgroup_id = episode.limit.record.cgroup_id;
	for (int i = 0; i < ANCESTORS_MAX && css; i++) {
		struct cgroup_record *record = (void *)&episode.ancestors[i];

		read_cgroup(record, PROBE(css, cgroup), CGROUP_ANCESTOR);
		episode.ancestors_count = i + 1;
		css = PROBE(css, parent);
	}
}

static __always_inline void read_nodemask(unsigned long *nodes)
{
	u64 size = bpf_core_type_size(nodemask_t);

	__builtin_memset(episode.begin.nodemask, 0, sizeof(episode.begin.nodemask));
	episode.begin.nodemask_present = nodes != NULL;
	if (!nodes)
		return;
	if (size > sizeof(episode.begin.nodemask))
		size = sizeof(episode.begin.nodemask);
	bpf_probe_read_kernel(episode.begin.nodemask, size, nodes);
}

static __always_inline void begin_episode(struct oom_control *oc)
{
	u64 now_ns = bpf_ktime_get_boot_ns();
	struct task_struct *task = current_task();
	struct cgroup *cgroup;
	struct mem_cgroup *memcg;

	if (episode.owner && episode.recorded)
		count_episode_unended();
	episode.owner = bpf_get_current_pid_tgid();
	episode.seen++;
	episode.recorded = may_record(now_ns);
	oom_killer = 0;
	if (!episode.recorded)
		return;
	episode.begin_ns = now_ns;
	oom_killer_episode_ns = now_ns;
	oom_killer = episode.owner;
	episode.opened = false;
	episode.choice_seen = false;
	episode.mark_seen = false;
	episode.killed_tgid = 0;
	episode.chosen_tgid = 0;
	episode.is_spare = is_half_full(&kills);
	episode.holds_candidates = episode.is_spare || is_half_full(&ballot);
	episode.candidates_held = 0;
	episode.candidates_seen = 0;
	episode.candidates_lost = 0;
	episode.kernel_threads = 0;
	episode.records_lost = 0;
	episode.victims = 0;
	episode.ancestors_count = 0;
	episode.scored_task = 0;

	set_header(&episode.begin.header, RECORD_EPISODE_BEGIN, sizeof(episode.begin), now_ns);
	episode.begin.header.time_ns = now_ns;
	read_task(&episode.begin.trigger, task);
	episode.begin.limit_cgroup_id = 0;
	episode.begin.gfp_mask = READ(oc, gfp_mask);
	episode.begin.order = READ(oc, order);
	read_nodemask((unsigned long *)READ(oc, nodemask));
	memcg = READ(oc, memcg);
	if (memcg)
		read_limit(memcg);
	cgroup = memory_cgroup_of(task);
	read_cgroup(&episode.trigger.record, cgroup, CGROUP_TRIGGER);
	read_path(&episode.trigger, (u64)cgroup);
}

/* Lets out the records that open the episode. */
static __noinline int open_episode(void)
{
	if (episode.opened)
		return 0;
	episode.opened = true;
	put_kills(&episode.begin, sizeof(episode.begin), BPF_RB_NO_WAKEUP);
	if (episode.begin.limit_cgroup_id)
		put_cgroup(&episode.limit);
	for (u32 i = 0; i < ANCESTORS_MAX && i < episode.ancestors_count; i++) {
		struct cgroup_record *record = (void *)&episode.ancestors[i];

		record->header.size = CGROUP_BYTES_WITHOUT_PATH;
		record->header.episode_ns = episode.begin_ns;
		put_kills(record, CGROUP_BYTES_WITHOUT_PATH, BPF_RB_NO_WAKEUP);
	}
	put_cgroup(&episode.trigger);
	return 0;
}

static __always_inline enum episode_outcome outcome_of(u64 chosen, u64 totalpages)
{
	if (episode.choice_seen)
		return EPISODE_KILLED;
	if (chosen == (u64)-1)
		return EPISODE_VICTIM_DYING;
	if (episode.mark_seen)
		return EPISODE_TRIGGER_DYING;
	/* constrained_alloc() sets it, never to 0: the selection ran. */
	if (totalpages)
		return EPISODE_NO_CANDIDATE;
	return EPISODE_DECLINED;
}

static __always_inline void put_episode_end(struct oom_control *oc, enum episode_outcome outcome,
					    u32 returned)
{
	struct episode_end *end = bpf_ringbuf_reserve(&kills, sizeof(*end), 0);

	if (!end) {
		lose_kills_records(1);
		return;
	}
	set_header(&end->header, RECORD_EPISODE_END, sizeof(*end), episode.begin_ns);
	end->totalpages = READ(oc, totalpages);
	end->outcome = outcome;
	end->constraint = READ(oc, constraint);
	end->candidates_seen = episode.candidates_seen;
	end->candidates_lost = episode.candidates_lost;
	end->kernel_threads = episode.kernel_threads;
	end->records_lost = episode.records_lost;
	end->victims = episode.victims;
	end->returned = returned;
	wake_ballot();
	bpf_ringbuf_submit(end, BPF_RB_FORCE_WAKEUP);
}

/* `returned` as out_of_memory() left it in a register: only its lowest byte means something. */
static __always_inline void end_episode(struct oom_control *oc, u64 returned)
{
	enum episode_outcome outcome;

	if (episode.owner != bpf_get_current_pid_tgid())
		return;
	if (episode.recorded) {
		outcome = outcome_of((u64)READ(oc, chosen), READ(oc, totalpages));
		if (!episode.opened && episode.is_spare) {
			count_episode_without_kill();
		} else {
			lose_candidates(episode.candidates_held);
			open_episode();
			put_episode_end(oc, outcome, (u8)returned);
		}
	}
	episode.owner = 0;
	oom_killer = 0;
}

#endif
