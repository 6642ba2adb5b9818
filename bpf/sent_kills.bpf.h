/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kills by user space that were recorded, and what becomes of their targets. */
#ifndef OOMSCOPE_SENT_KILLS_BPF_H
#define OOMSCOPE_SENT_KILLS_BPF_H

#include "cgroups.bpf.h"
#include "command_line.bpf.h"
#include "marks.bpf.h"

struct sent_kill {
	u64 sent_ns;
	u64 killed_cgroup_id;
	u32 signal;
	u32 how;
	u32 delivered;
	u32 pad;
};

/*
 * A target leaves it when it exits. One that handles its SIGTERM and lives on stays; when it is full,
 * the sending is still recorded, and what follows is counted as lost.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32); /* tgid */
	__type(value, struct sent_kill);
} sent_kills SEC(".maps") __weak;

/* A write to a cgroup.kill that is under way. */
struct cgroup_killer {
	u64 cgroup_id;
	u64 cgroup; /* struct cgroup; the write holds it */
	u64 told;   /* its path was recorded */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64); /* bpf_get_current_pid_tgid() */
	__type(value, struct cgroup_killer);
} cgroup_killers SEC(".maps") __weak;

/* Too large for the stack. Used with interrupts off. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cgroup_buffer);
} path_scratch SEC(".maps") __weak;

static __always_inline void remember_kill(u32 tgid, const struct kill_record *record)
{
	struct sent_kill sent = {
		.sent_ns = record->header.time_ns,
		.killed_cgroup_id = record->killed_cgroup_id,
		.signal = record->signal,
		.how = record->how,
	};

	if (bpf_map_update_elem(&sent_kills, &tgid, &sent, BPF_ANY))
		count_kills_refused(1);
}

/* Tells a cgroup's path: the records of kills carry ids only. */
static __always_inline void put_cgroup_path(struct cgroup *cgroup, enum cgroup_role role)
{
	u32 key = 0;
	struct cgroup_buffer *buffer = bpf_map_lookup_elem(&path_scratch, &key);
	u32 size;

	if (!buffer)
		return;
	read_cgroup(&buffer->record, cgroup, role);
	read_path(buffer, (u64)cgroup);
	size = close_path(buffer);
	buffer->record.header.size = size;
	buffer->record.header.episode_ns = 0;
	if (bpf_ringbuf_output(&kills, &buffer->record, size, BPF_RB_NO_WAKEUP))
		count_kills_refused(1);
}

/* `sent` is NULL for a victim of the OOM killer; `sender` unless somebody acts. */
static __always_inline void put_kill_step(struct task_struct *target, struct task_struct *sender,
					  enum kill_step_kind step, struct sent_kill *sent,
					  u64 episode_ns, u32 signal)
{
	struct kill_step *record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);

	if (!record) {
		count_kills_refused(1);
		return;
	}
	set_header(&record->header, RECORD_KILL_STEP, sizeof(*record), episode_ns);
	read_task(&record->target, target);
	if (sender) {
		struct task_struct *parent = READ(sender, real_parent);

		read_task(&record->sender, sender);
		record->parent_tgid = READ(parent, tgid);
		bpf_probe_read_kernel(record->parent_comm, sizeof(record->parent_comm),
				      &parent->comm);
	} else {
		__builtin_memset(&record->sender, 0, sizeof(record->sender));
		__builtin_memset(record->parent_comm, 0, sizeof(record->parent_comm));
		record->parent_tgid = 0;
	}
	record->pad = 0;
	record->sent_ns = sent ? sent->sent_ns : 0;
	record->killed_cgroup_id = sent ? sent->killed_cgroup_id : 0;
	record->step = step;
	record->signal = signal;
	record->how = sent ? sent->how : 0;
	/* Either is current, and has its memory still. */
	if (step != KILL_EXITED) {
		record->command_line_bytes =
			read_command_line(record->command_line, sender ? sender : target);
	} else {
		record->command_line_bytes = 0;
		__builtin_memset(record->command_line, 0, sizeof(record->command_line));
	}
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
}

/* At the entry of cgroup_kill_write(). */
static __always_inline void begin_cgroup_kill(struct kernfs_open_file *of)
{
	struct kernfs_node *file = PROBE(of, kn);
	struct kernfs_node *directory = kernfs_parent(file);
	u64 id = bpf_get_current_pid_tgid();
	struct cgroup_killer killer = {};

	if (!directory)
		return;
	killer.cgroup_id = PROBE(directory, id);
	killer.cgroup = (u64)PROBE(directory, priv);
	bpf_map_update_elem(&cgroup_killers, &id, &killer, BPF_ANY);
}

/* At its return. */
static __always_inline void end_cgroup_kill(void)
{
	u64 id = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&cgroup_killers, &id);
}

/*
 * At the entry of __oom_reap_task_mm(). Its two callers are the OOM reaper, which has tracepoints of its
 * own, and process_mrelease().
 */
static __always_inline void record_release(struct mm_struct *mm)
{
	struct task_struct *sender = current_task();
	struct task_struct *target = READ(mm, owner);
	struct sent_kill *sent;
	u32 tgid;

	if (READ(sender, flags) & PF_KTHREAD || !target)
		return;
	tgid = READ(target, tgid);
	sent = bpf_map_lookup_elem(&sent_kills, &tgid);
	if (sent)
		put_kill_step(target, sender, KILL_RELEASED, sent, 0, sent->signal);
}

#endif
