/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a task and its mm are, as the OOM killer sees them. */
#ifndef OOMSCOPE_FACTS_BPF_H
#define OOMSCOPE_FACTS_BPF_H

#include "compat.bpf.h"

#define THREADS_SEARCHED 64

static __always_inline struct cgroup_subsys_state *memory_css(struct css_set *set)
{
	u64 offset = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(void *);
	void *first = &set->subsys;

#ifdef OOMSCOPE_POINTERS_ARE_TYPED
	return *(struct cgroup_subsys_state **)(first + offset);
#else
	struct cgroup_subsys_state *css = NULL;

	bpf_probe_read_kernel(&css, sizeof(css), first + offset);
	return css;
#endif
}

/*
 * The task's cgroup in the hierarchy that carries the memory controller. On the default hierarchy
 * that is the cgroup it stands in, which may lie deeper than the one that has the memory controller
 * switched on.
 */
static __always_inline struct cgroup *memory_cgroup_of(struct task_struct *task)
{
	struct css_set *set = READ(task, cgroups);
	struct cgroup_subsys_state *css = memory_css(set);
	struct cgroup *controlled = READ(css, cgroup);
	struct cgroup *standing = READ(set, dfl_cgrp);

	if (READ(controlled, root) == READ(standing, root))
		return standing;
	return controlled;
}

static __always_inline u64 cgroup_id(struct cgroup *cgroup)
{
	struct kernfs_node *node = READ(cgroup, kn);

	return READ(node, id);
}

static __always_inline void read_task(struct task_facts *facts, struct task_struct *task)
{
	struct signal_struct *signal = READ(task, signal);
	struct task_struct *leader = READ(task, group_leader);
	const struct cred *cred = READ(task, real_cred);

	facts->tgid = READ(task, tgid);
	facts->pid = READ(task, pid);
	/* Never NULL, but some verifiers want to see an __rcu pointer checked. */
	facts->uid = cred ? READ(cred, uid.val) : 0;
	facts->adj = READ(signal, oom_score_adj);
	facts->start_ns = READ(leader, start_boottime);
	facts->cgroup_id = cgroup_id(memory_cgroup_of(task));
	bpf_probe_read_kernel(facts->comm, sizeof(facts->comm), &task->comm);
}

static __always_inline u64 pages(long count)
{
	return count > 0 ? count : 0;
}

#define READ_MM(read, facts, mm)                                                                   \
	({                                                                                         \
		long counts_[MM_COUNTERS] = {};                                                    \
		READ_RSS(read, mm, counts_);                                                       \
		(facts)->anon_pages = pages(counts_[MM_ANONPAGES]);                                \
		(facts)->file_pages = pages(counts_[MM_FILEPAGES]);                                \
		(facts)->shmem_pages = pages(counts_[MM_SHMEMPAGES]);                              \
		(facts)->swap_pages = pages(counts_[MM_SWAPENTS]);                                 \
		(facts)->pgtables_bytes = read(mm, pgtables_bytes.counter);                        \
	})

static __always_inline struct task_struct *thread_at(struct list_head *node)
{
	return (void *)node - bpf_core_field_offset(struct task_struct, thread_node);
}

/*
 * The mm of the first thread that still has one: find_lock_task_mm() of a process whose leader has
 * exited.
 */
static __noinline u64 mm_of_other_thread(u64 task_address)
{
	struct signal_struct *signal = PROBE((struct task_struct *)task_address, signal);
	struct list_head *head = &signal->thread_head;
	struct list_head *node = PROBE(head, next);

	for (int i = 0; i < THREADS_SEARCHED && node && node != head; i++) {
		struct mm_struct *mm = PROBE(thread_at(node), mm);

		if (mm)
			return (u64)mm;
		node = PROBE(node, next);
	}
	return 0;
}

static __noinline int read_mm_probing(struct mm_facts *facts, u64 mm_address)
{
	struct mm_struct *mm = (void *)mm_address;

	if (!facts)
		return 0;
	READ_MM(PROBE, facts, mm);
	return 0;
}

/* Reads the mm that oom_badness() would; returns its address, 0 = there is none. */
static __always_inline u64 read_task_mm(struct mm_facts *facts, struct task_struct *task)
{
	struct mm_struct *mm = READ(task, mm);
	u64 other;

	if (mm) {
		READ_MM(READ, facts, mm);
		return (u64)mm;
	}
	__builtin_memset(facts, 0, sizeof(*facts));
	other = mm_of_other_thread((u64)task);
	if (other)
		read_mm_probing(facts, other);
	return other;
}

#endif
