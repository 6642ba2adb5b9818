// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Kills by user space, and the last moment of every victim.
 *
 * signal_generate runs for every signal of the machine, with the target's siglock held and
 * interrupts off: what is ordinary leaves after two comparisons, and what is recorded is copied once.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "command_line.bpf.h"
#include "sent_kills.bpf.h"

#include <bpf/bpf_tracing.h>

/* clang makes a call of memcmp() where there is nobody to call. `name` ends with NUL. */
static __always_inline bool is_named(const char *comm, const char *name, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		if (comm[i] != name[i])
			return false;
	}
	return true;
}

#define IS_NAMED(comm, name) is_named(comm, name, sizeof(name))

/* Whose names are evidence wherever they run. */
static __always_inline bool is_known_killer(const char *comm)
{
	return IS_NAMED(comm, "earlyoom") || IS_NAMED(comm, "systemd-oomd") ||
	       IS_NAMED(comm, "oomd") || IS_NAMED(comm, "nohang");
}

static __always_inline struct pid *session_of(struct task_struct *task)
{
	u64 offset = bpf_core_enum_value(enum pid_type, PIDTYPE_SID) * sizeof(void *);
	struct signal_struct *signal = task->signal;
	struct pid *session = NULL;

	bpf_probe_read_kernel(&session, sizeof(session), (void *)&signal->pids + offset);
	return session;
}

/* From a browser's page to who started the browser it is four. */
#define MAX_GENERATIONS 8

/* Tasks are freed by RCU, so each of them is still there; who lost its parent has another one. */
static __always_inline bool is_descendant(struct task_struct *task, struct task_struct *ancestor)
{
	for (int generation = 0; generation < MAX_GENERATIONS; generation++) {
		task = task->real_parent;
		if (task->tgid == ancestor->tgid)
			return true;
	}
	return false;
}

/*
 * Job control, a build, a browser: signals that stay within a cgroup, and there in a session or among
 * what the sender has started. Who ends a process group of another session, as test tools end a browser,
 * is the parent of only the first in it.
 */
static __always_inline bool is_ordinary(struct task_struct *sender, struct task_struct *target)
{
	char comm[16];

	if (memory_cgroup_of(sender) != memory_cgroup_of(target))
		return false;
	if (session_of(sender) != session_of(target) && !is_descendant(target, sender))
		return false;
	bpf_probe_read_kernel(comm, sizeof(comm), &sender->comm);
	return !is_known_killer(comm);
}

static __always_inline bool put_kill(struct task_struct *sender, struct task_struct *target,
				     u32 signal, struct cgroup_killer *killer)
{
	struct kill_record *record = bpf_ringbuf_reserve(&kills, sizeof(*record), 0);
	struct task_struct *parent = sender->real_parent;

	if (!record)
		return false;
	set_header(&record->header, RECORD_KILL, sizeof(*record), 0);
	read_task(&record->sender, sender);
	read_task(&record->target, target);
	read_task_mm(&record->mm, target);
	record->killed_cgroup_id = killer ? killer->cgroup_id : 0;
	record->parent_tgid = parent->tgid;
	bpf_probe_read_kernel(record->parent_comm, sizeof(record->parent_comm), &parent->comm);
	record->signal = signal;
	record->how = killer ? KILL_CGROUP : KILL_SIGNAL;
	record->command_line_bytes = read_command_line(record->command_line, sender);
	remember_kill(target->tgid, record);
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return true;
}

static __always_inline void remember_doomed(u32 tgid)
{
	struct doomed_process doomed = {.episode_ns = oom_killer_episode_ns};

	if (oom_killer != bpf_get_current_pid_tgid())
		return;
	if (bpf_map_update_elem(&doomed_processes, &tgid, &doomed, BPF_ANY))
		count_kills_refused(1);
}

/*
 * Whether `tgid` is about to take the OOM killer's SIGKILL, for the first of its threads; each comes
 * here, one after the other: siglock is held. Without a begun episode there is only the mark, which
 * can come too late.
 */
static __always_inline bool take_delivery(u32 tgid, u64 *episode_ns)
{
	struct doomed_process *doomed = bpf_map_lookup_elem(&doomed_processes, &tgid);
	struct mark *mark;

	if (doomed) {
		*episode_ns = doomed->episode_ns;
		if (doomed->delivered)
			return false;
		doomed->delivered = true;
		return true;
	}
	mark = bpf_map_lookup_elem(&marked_processes, &tgid);
	if (!mark || mark->delivered)
		return false;
	*episode_ns = mark->episode_ns;
	mark->delivered = true;
	return true;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(tp_btf_signal_generate, int signal, u64 info, struct task_struct *target, int group,
	     int result)
{
	struct task_struct *sender;
	struct cgroup_killer *killer = NULL;
	u64 id;

	if (signal != SIGKILL && signal != SIGTERM)
		return 0;
	if (info == SEND_SIG_PRIV) {
		if (signal == SIGKILL && result == SIGNAL_DELIVERED)
			remember_doomed(target->tgid);
		return 0;
	}
	/* SIGKILL ends the whole process, whichever thread it is sent to. */
	if (result != SIGNAL_DELIVERED || (signal != SIGKILL && !group))
		return 0;
	sender = bpf_get_current_task_btf();
	if (sender->tgid == target->tgid || sender->flags & PF_KTHREAD)
		return 0;
	id = bpf_get_current_pid_tgid();
	if (info == SEND_SIG_NOINFO)
		killer = bpf_map_lookup_elem(&cgroup_killers, &id);
	if (!killer && is_ordinary(sender, target))
		return 0;
	if (!may_record(bpf_ktime_get_boot_ns()))
		return 0;
	if (is_half_full(&kills)) {
		count_kills_refused(1);
		return 0;
	}
	put_cgroup_path(memory_cgroup_of(sender), CGROUP_SENDER);
	put_cgroup_path(memory_cgroup_of(target), CGROUP_TARGET);
	if (killer && !killer->told) {
		killer->told = true;
		put_cgroup_path((struct cgroup *)killer->cgroup, CGROUP_KILLED);
	}
	if (!put_kill(sender, target, signal, killer))
		count_kills_refused(1);
	return 0;
}

/* In the target, before its memory goes: the one moment at which its arguments are surely there. */
SEC("tp_btf/signal_deliver")
int BPF_PROG(tp_btf_signal_deliver, int signal)
{
	struct task_struct *task;
	struct sent_kill *sent;
	u64 episode_ns;
	u32 tgid;

	if (signal != SIGKILL && signal != SIGTERM)
		return 0;
	tgid = bpf_get_current_pid_tgid() >> 32;
	task = bpf_get_current_task_btf();
	if (signal == SIGKILL && take_delivery(tgid, &episode_ns))
		put_kill_step(task, NULL, KILL_DELIVERED, NULL, episode_ns, signal);
	sent = bpf_map_lookup_elem(&sent_kills, &tgid);
	if (sent && !sent->delivered && sent->signal == signal) {
		sent->delivered = true;
		put_kill_step(task, NULL, KILL_DELIVERED, sent, 0, signal);
	}
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(tp_btf_kill_exit, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	struct sent_kill *sent;
	u32 tgid = task->tgid;

	if (signal->live.counter)
		return 0;
	bpf_map_delete_elem(&doomed_processes, &tgid);
	sent = bpf_map_lookup_elem(&sent_kills, &tgid);
	/* Several threads can see it dead at once: the first one that deletes it tells. */
	if (!sent)
		return 0;
	struct sent_kill copy = *sent;

	if (bpf_map_delete_elem(&sent_kills, &tgid) == 0)
		put_kill_step(task, NULL, KILL_EXITED, &copy, 0, copy.signal);
	return 0;
}
