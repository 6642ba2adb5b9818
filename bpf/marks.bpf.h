/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Remembers whom this set of programs marked. Marks are made under oom_lock, one at a time; their
 * exits and reaper steps come later, from anywhere.
 *
 * The newest MARKS_MAX are kept: the reaper does not tell when it is done with a victim, so entries
 * have to age. Rejected: an LRU map, which may evict a victim that is still alive without a word.
 */
#ifndef OOMSCOPE_MARKS_BPF_H
#define OOMSCOPE_MARKS_BPF_H

#include "emit.bpf.h"

struct marked_pair {
	u32 tgid;
	u32 tid;
};

static struct {
	u64 next;
	struct marked_pair pairs[MARKS_MAX];
} mark_order;

static __noinline int forget_mark(struct marked_pair *pair, u64 sequence)
{
	u32 tgid = pair->tgid;
	u32 tid = pair->tid;
	struct mark *mark;

	/* A newer mark of the same number is another process: pids come round. */
	mark = bpf_map_lookup_elem(&marked_threads, &tid);
	if (mark && mark->sequence == sequence)
		bpf_map_delete_elem(&marked_threads, &tid);
	mark = bpf_map_lookup_elem(&marked_processes, &tgid);
	if (mark && mark->sequence == sequence) {
		bpf_map_delete_elem(&marked_processes, &tgid);
		count_kills_refused(1); /* its exit will not be reported */
	}
	return 0;
}

/* Caller holds oom_lock. */
static __always_inline void remember_mark(u32 tgid, u32 tid, u64 start_ns, u64 episode_ns)
{
	u64 slot = mark_order.next % MARKS_MAX;
	struct mark mark = {
		.episode_ns = episode_ns,
		.start_ns = start_ns,
		.sequence = mark_order.next,
	};

	if (mark_order.next >= MARKS_MAX)
		forget_mark(&mark_order.pairs[slot], mark_order.next - MARKS_MAX);
	mark_order.pairs[slot].tgid = tgid;
	mark_order.pairs[slot].tid = tid;
	mark_order.next++;
	bpf_map_update_elem(&marked_processes, &tgid, &mark, BPF_ANY);
	bpf_map_update_elem(&marked_threads, &tid, &mark, BPF_ANY);
}

/*
 * True for the first caller only. Several threads of a process can see it dead at once:
 * signal->live is counted down well before the tracepoint.
 */
static __always_inline bool take_marked_process(u32 tgid, u64 *episode_ns)
{
	struct mark *mark = bpf_map_lookup_elem(&marked_processes, &tgid);

	if (!mark)
		return false;
	*episode_ns = mark->episode_ns;
	return bpf_map_delete_elem(&marked_processes, &tgid) == 0;
}

static __always_inline void record_reaper_step(int tid, enum reaper_step step)
{
	struct mark *mark = bpf_map_lookup_elem(&marked_threads, &tid);
	struct reaper *record;

	if (!mark)
		return;
	record = bpf_ringbuf_reserve(&bulk, sizeof(*record), 0);
	if (!record) {
		count_bulk_refused();
		return;
	}
	set_header(&record->header, RECORD_REAPER, sizeof(*record), mark->episode_ns);
	record->pid = tid;
	record->step = step;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
}

#endif
