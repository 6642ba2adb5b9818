// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every process as the OOM killer would see it now, for `rank`: read by whoever opens the iterator,
 * in the order of process ids. It sees the reader's own pid namespace. It writes candidates without
 * points, since those depend on whose limit is hit.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "emit.bpf.h"
#include "skipped.bpf.h"

/* The checks of oom_evaluate_task() and of oom_badness(), in their order. */
static __always_inline int status_now(struct task_struct *task, u64 mm)
{
	struct signal_struct *signal = task->signal;
	struct mm_struct *victim_mm = signal->oom_mm;
	int why;

	if (task->tgid == 1)
		return CANDIDATE_INIT;
	if (victim_mm)
		return mm_has_flag(victim_mm, MMF_OOM_SKIP) ? CANDIDATE_REAPED : CANDIDATE_DYING;
	if (signal->oom_flag_origin)
		return CANDIDATE_OOM_ORIGIN;
	why = why_not_scored((u64)task, mm);
	return why == CANDIDATE_SKIPPED ? CANDIDATE_SCORED : why;
}

SEC("iter/task")
int iter_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct candidate record = {};
	u64 mm;

	if (!task || task->flags & PF_KTHREAD || task->pid != task->tgid)
		return 0;
	set_header(&record.header, RECORD_CANDIDATE, sizeof(record), 0);
	read_task(&record.task, task);
	mm = read_task_mm(&record.mm, task);
	record.status = status_now(task, mm);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
