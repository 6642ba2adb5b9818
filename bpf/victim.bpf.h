/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The record of a mark. */
#ifndef OOMSCOPE_VICTIM_BPF_H
#define OOMSCOPE_VICTIM_BPF_H

#include "facts.bpf.h"
#include "marks.bpf.h"

static __always_inline u64 process_start_ns(struct task_struct *task)
{
	struct task_struct *leader = READ(task, group_leader);

	return READ(leader, start_boottime);
}

/* As the process sees itself: the number in the innermost namespace. 0 = not readable. */
static __always_inline int container_pid(struct task_struct *task)
{
	u64 offset = bpf_core_enum_value(enum pid_type, PIDTYPE_TGID) * sizeof(void *);
	u64 number = bpf_core_field_offset(struct pid, numbers);
	struct signal_struct *signal = READ(task, signal);
	struct pid *pid = NULL;
	int nr = 0;

	bpf_probe_read_kernel(&pid, sizeof(pid), (void *)&signal->pids + offset);
	if (!pid)
		return 0;
	number += PROBE(pid, level) * bpf_core_type_size(struct upid);
	bpf_probe_read_kernel(&nr, sizeof(nr), (void *)pid + number);
	return nr;
}

/* Remembers and records a mark; false = the ring refused it. Caller holds oom_lock. */
static __always_inline bool put_victim(struct task_struct *task, u64 episode_ns, u32 flags,
				       u64 wakeup)
{
	struct victim *record;

	remember_mark(READ(task, tgid), READ(task, pid), process_start_ns(task), episode_ns);
	record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	if (!record)
		return false;
	set_header(&record->header, RECORD_VICTIM, sizeof(*record), episode_ns);
	read_task(&record->task, task);
	read_task_mm(&record->mm, task);
	record->flags = flags;
	record->container_pid = container_pid(task);
	bpf_ringbuf_submit(record, wakeup);
	return true;
}

#endif
