// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What happens to victims after the mark, by BTF tracepoints: with fentry and with kprobes alike.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "victim.bpf.h"

#include <bpf/bpf_tracing.h>

#define THREADS_COUNTED 256

SEC("tp_btf/wake_reaper")
int BPF_PROG(tp_btf_wake_reaper, int pid)
{
	record_reaper_step(pid, REAPER_QUEUED);
	return 0;
}

SEC("tp_btf/start_task_reaping")
int BPF_PROG(tp_btf_start_task_reaping, int pid)
{
	record_reaper_step(pid, REAPER_STARTED);
	return 0;
}

SEC("tp_btf/finish_task_reaping")
int BPF_PROG(tp_btf_finish_task_reaping, int pid)
{
	record_reaper_step(pid, REAPER_FINISHED);
	return 0;
}

SEC("tp_btf/skip_task_reaping")
int BPF_PROG(tp_btf_skip_task_reaping, int pid)
{
	record_reaper_step(pid, REAPER_SKIPPED);
	return 0;
}

/*
 * Threads of the process that still hold its mm. They are on their way out as well, so they share it
 * with nobody. Before 3e816361e94a ("sched/tracepoints: Move and extend the sched_process_exit()
 * tracepoint", 6.16) there is one only now and then; since then the exiting thread itself is one,
 * as the tracepoint comes before exit_mm().
 */
static __noinline int own_threads_with_mm(u64 task_address, u64 mm_address)
{
	struct signal_struct *signal = PROBE((struct task_struct *)task_address, signal);
	struct list_head *head = &signal->thread_head;
	struct list_head *node = PROBE(head, next);
	int count = 0;

	for (int i = 0; i < THREADS_COUNTED && node && node != head; i++) {
		if ((u64)PROBE(thread_at(node), mm) == mm_address)
			count++;
		node = PROBE(node, next);
	}
	return count;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(tp_btf_sched_process_exit, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	struct mm_struct *mm = signal->oom_mm;
	struct exit_record *record;
	u64 episode_ns;

	if (!mm || signal->live.counter)
		return 0;
	if (!take_marked_process(task->tgid, &episode_ns))
		return 0;
	record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	if (!record) {
		count_kills_refused(1);
		return 0;
	}
	set_header(&record->header, RECORD_EXIT, sizeof(*record), episode_ns);
	read_task(&record->task, task);
	READ_MM(READ, &record->mm, mm);
	record->mm_users = mm->mm_users.counter;
	if (record->mm_users)
		record->mm_users -= own_threads_with_mm((u64)task, (u64)mm);
	record->pad = 0;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/*
 * For hosts where neither fentry nor kprobes are allowed but BTF is there: the kill without its
 * ballot. Loaded only then, and only where the tracepoint carries a task (72ba14deb40a, "mm: update
 * mark_victim tracepoints fields", 6.9, later in stable trees). By now oom_mm is set, so our own
 * marks tell a process's first thread from the others.
 */
SEC("tp_btf/mark_victim")
int BPF_PROG(tp_btf_mark_victim, struct task_struct *task)
{
	u32 tgid = task->tgid;
	struct mark *mark;

	if (!may_record(bpf_ktime_get_boot_ns()))
		return 0;
	mark = bpf_map_lookup_elem(&marked_processes, &tgid);
	if (mark && mark->start_ns == process_start_ns(task))
		return 0;
	if (!put_victim(task, 0, VICTIM_FROM_TRACEPOINT, BPF_RB_FORCE_WAKEUP))
		count_kills_refused(1);
	return 0;
}
