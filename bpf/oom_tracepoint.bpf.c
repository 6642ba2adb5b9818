// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kills without their ballot, by plain tracepoints, for hosts without BTF or where nothing better
 * is allowed. An object of its own, without any relocation against the kernel.
 *
 * mark_victim carries a thread id alone before 72ba14deb40a ("mm: update mark_victim tracepoints
 * fields", 6.9, later in stable trees): user space says where the other fields are, from the
 * event's format file.
 */
#include "marks.bpf.h"

/*
 * Offsets in the mark_victim record; 0 = the kernel has no such field. User space sets them before
 * load.
 */
const volatile unsigned int mark_victim_comm_offset = 0; /* a __data_loc */
const volatile unsigned int mark_victim_anon_kib_offset = 0;
const volatile unsigned int mark_victim_file_kib_offset = 0;
const volatile unsigned int mark_victim_shmem_kib_offset = 0;
const volatile unsigned int mark_victim_uid_offset = 0;
const volatile unsigned int mark_victim_pgtables_kib_offset = 0;
const volatile unsigned int mark_victim_adj_offset = 0;
const volatile unsigned int page_kib = 4;

struct tracepoint_with_pid {
	u64 common;
	int pid;
};

static __always_inline u64 read_kib(void *record, u32 offset)
{
	u64 kib = 0;

	if (offset)
		bpf_probe_read_kernel(&kib, sizeof(kib), record + offset);
	return kib;
}

static __always_inline u64 read_pages(void *record, u32 offset)
{
	return page_kib ? read_kib(record, offset) / page_kib : 0;
}

static __always_inline void read_comm(char *comm, void *record)
{
	u32 location = 0;

	__builtin_memset(comm, 0, OOMSCOPE_COMM_LEN);
	if (!mark_victim_comm_offset)
		return;
	bpf_probe_read_kernel(&location, sizeof(location), record + mark_victim_comm_offset);
	bpf_probe_read_kernel_str(comm, OOMSCOPE_COMM_LEN, record + (location & 0xffff));
}

SEC("tracepoint/oom/mark_victim")
int tp_mark_victim(struct tracepoint_with_pid *context)
{
	struct victim *record;
	int tid = context->pid;
	short adj = 0;
	u32 uid = 0;

	/*
	 * The mark of a second thread of a victim is taken for another victim: nothing here tells
	 * its process.
	 */
	if (!may_record(bpf_ktime_get_boot_ns()))
		return 0;
	remember_mark(tid, tid, 0, 0);
	record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	if (!record) {
		count_kills_refused(1);
		return 0;
	}
	if (mark_victim_adj_offset)
		bpf_probe_read_kernel(&adj, sizeof(adj), (void *)context + mark_victim_adj_offset);
	if (mark_victim_uid_offset)
		bpf_probe_read_kernel(&uid, sizeof(uid), (void *)context + mark_victim_uid_offset);
	set_header(&record->header, RECORD_VICTIM, sizeof(*record), 0);
	record->task.tgid = 0;
	record->task.pid = tid;
	record->task.uid = uid;
	record->task.adj = adj;
	record->task.start_ns = 0;
	record->task.cgroup_id = 0;
	read_comm(record->task.comm, context);
	record->mm.anon_pages = read_pages(context, mark_victim_anon_kib_offset);
	record->mm.file_pages = read_pages(context, mark_victim_file_kib_offset);
	record->mm.shmem_pages = read_pages(context, mark_victim_shmem_kib_offset);
	record->mm.swap_pages = 0;
	record->mm.pgtables_bytes = read_kib(context, mark_victim_pgtables_kib_offset) << 10;
	record->flags = VICTIM_FROM_TRACEPOINT;
	record->container_pid = 0;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("tracepoint/oom/wake_reaper")
int tp_wake_reaper(struct tracepoint_with_pid *context)
{
	record_reaper_step(context->pid, REAPER_QUEUED);
	return 0;
}

SEC("tracepoint/oom/start_task_reaping")
int tp_start_task_reaping(struct tracepoint_with_pid *context)
{
	record_reaper_step(context->pid, REAPER_STARTED);
	return 0;
}

SEC("tracepoint/oom/finish_task_reaping")
int tp_finish_task_reaping(struct tracepoint_with_pid *context)
{
	record_reaper_step(context->pid, REAPER_FINISHED);
	return 0;
}

SEC("tracepoint/oom/skip_task_reaping")
int tp_skip_task_reaping(struct tracepoint_with_pid *context)
{
	record_reaper_step(context->pid, REAPER_SKIPPED);
	return 0;
}

/*
 * Runs in the thread that exits. It reports the marked thread; whether others of its process live
 * on is not seen.
 */
SEC("tracepoint/sched/sched_process_exit")
int tp_sched_process_exit(void *context)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();
	struct exit_record *record;
	u64 episode_ns;

	if (!take_marked_process((u32)pid_tgid, &episode_ns))
		return 0;
	record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	if (!record) {
		count_kills_refused(1);
		return 0;
	}
	__builtin_memset(record, 0, sizeof(*record));
	set_header(&record->header, RECORD_EXIT, sizeof(*record), 0);
	record->task.tgid = pid_tgid >> 32;
	record->task.pid = (u32)pid_tgid;
	record->task.uid = (u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(record->task.comm, sizeof(record->task.comm));
	record->mm_users = -1;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}
