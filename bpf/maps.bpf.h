/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps that all programs share. Each .bpf.c file defines them, weakly, and the linker makes
 * them one.
 *
 * Three rings, because a full BPF ring refuses the newest record: a flood of candidates can never
 * cost a kill. User space may set their size before load.
 */
#ifndef OOMSCOPE_MAPS_BPF_H
#define OOMSCOPE_MAPS_BPF_H

#include "kernel_types.h"

#include <bpf/bpf_helpers.h>

#include "events.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} kills SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} ballot SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} bulk SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct loss_counters);
} loss SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct control);
} control SEC(".maps") __weak;

/*
 * The generation that records. While one version of the programs replaces another, both are
 * attached to the same pinned gate: an episode belongs to the set whose generation the gate held
 * when it began, and stays with it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} gate SEC(".maps") __weak;

/* Of this set of programs. User space sets it before load. */
const volatile unsigned long long generation __weak = 0; /* no typedef: the skeleton is plain C */

/*
 * What this set of programs marked, by process and by thread: whose exit and whose reaping it will
 * report.
 */
struct mark {
	u64 episode_ns; /* 0 = its begin was not seen */
	u64 start_ns;	/* of the process; 0 = not known */
	u64 sequence;
	bool delivered; /* its SIGKILL was recorded as taken */
};

#define MARKS_MAX 2048

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MARKS_MAX);
	__type(key, u32); /* tgid */
	__type(value, struct mark);
} marked_processes SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MARKS_MAX);
	__type(key, u32); /* the thread that mark_oom_victim() got: the reaper names it */
	__type(value, struct mark);
} marked_threads SEC(".maps") __weak;

/*
 * Whom the OOM killer sent its SIGKILL. The victim can take it on another CPU before
 * mark_oom_victim() comes; its arguments are readable then, and soon not any more. Leaves it when
 * it exits.
 */
struct doomed_process {
	u64 episode_ns;
	bool delivered;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MARKS_MAX);
	__type(key, u32); /* tgid */
	__type(value, struct doomed_process);
} doomed_processes SEC(".maps") __weak;

/*
 * The task that runs an episode which this set of programs records (bpf_get_current_pid_tgid();
 * 0 = none), and when that began: what signal_generate needs of it.
 */
volatile unsigned long long oom_killer __weak = 0;
volatile unsigned long long oom_killer_episode_ns __weak = 0;

char LICENSE[] SEC("license") __weak = "Dual BSD/GPL";

#endif
