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
	record->pad = 0;
	bpf_ringbuf_submit(record, wakeup);
	return true;
}

#endif
