// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who waits for memory, and for how long: summed up per cgroup in the kernel and read by the
 * sampling thread, so that a storm of reclaim cannot flood a ring. Nothing here runs on a node that
 * has memory enough.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "emit.bpf.h"
#include "facts.bpf.h"
#include "pressure_maps.bpf.h"

#include <bpf/bpf_tracing.h>

/* A stall of less is no reason to look closer before the next tick. */
#define WAKING_STALL_NS 2000000

static __always_inline void count_pressure_refused(void)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->pressure_refused, 1);
}

static __always_inline struct begun_key key_of_current(enum begun_what what)
{
	struct begun_key key = {.tid = (u32)bpf_get_current_pid_tgid(), .what = what};

	return key;
}

static __always_inline void begin(enum begun_what what)
{
	struct begun_key key = key_of_current(what);
	struct begun value = {.begin_ns = bpf_ktime_get_boot_ns()};

	if (!may_record(value.begin_ns))
		return;
	if (bpf_map_update_elem(&begun, &key, &value, BPF_ANY))
		count_pressure_refused();
}

/* False = its begin was not seen. */
static __always_inline bool end(enum begun_what what, struct begun *out)
{
	struct begun_key key = key_of_current(what);
	struct begun *value = bpf_map_lookup_elem(&begun, &key);

	if (!value)
		return false;
	*out = *value;
	bpf_map_delete_elem(&begun, &key);
	return true;
}

static __always_inline struct cgroup_pressure *pressure_of(u64 cgroup_id)
{
	static const struct cgroup_pressure nothing;
	struct cgroup_pressure *sums = bpf_map_lookup_elem(&pressure, &cgroup_id);

	if (sums)
		return sums;
	/* Another CPU may be faster: then its entry is taken. */
	bpf_map_update_elem(&pressure, &cgroup_id, &nothing, 1 /* BPF_NOEXIST */);
	sums = bpf_map_lookup_elem(&pressure, &cgroup_id);
	if (!sums)
		count_pressure_refused();
	return sums;
}

static __always_inline struct activity *node_activity(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&activity, &key);
}

static __always_inline void note_change(void)
{
	struct activity *node = node_activity();

	if (node)
		__sync_fetch_and_add(&node->changes, 1);
}

/* Once per wish: a record of `bulk` that is thrown away at once wakes whoever waits for the ring. */
static __always_inline void wake_sampler(void)
{
	u32 key = 0;
	struct sampler_state *state = bpf_map_lookup_elem(&sampler, &key);
	void *nothing;

	if (!state || !state->wake_wanted)
		return;
	state->wake_wanted = 0;
	nothing = bpf_ringbuf_reserve(&bulk, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

static __always_inline u64 own_cgroup_id(void)
{
	return cgroup_id(memory_cgroup_of(current_task()));
}

/* Sections can be nested; `*flags` tells whether the task was in one already. Left unset without PSI. */
static __always_inline bool is_outermost(unsigned long *flags)
{
	unsigned long was_in_one = 1;

	bpf_probe_read_kernel(&was_in_one, sizeof(was_in_one), flags);
	return !was_in_one;
}

SEC("fexit/psi_memstall_enter")
int BPF_PROG(fexit_psi_memstall_enter, unsigned long *flags)
{
	if (is_outermost(flags))
		begin(BEGUN_STALL);
	return 0;
}

SEC("fentry/psi_memstall_leave")
int BPF_PROG(fentry_psi_memstall_leave, unsigned long *flags)
{
	struct cgroup_pressure *sums;
	struct begun stall;
	u64 ns;

	if (!is_outermost(flags) || !end(BEGUN_STALL, &stall))
		return 0;
	ns = bpf_ktime_get_boot_ns() - stall.begin_ns;
	sums = pressure_of(own_cgroup_id());
	if (!sums)
		return 0;
	__sync_fetch_and_add(&sums->stall_ns, ns);
	__sync_fetch_and_add(&sums->stalls, 1);
	note_change();
	if (ns >= WAKING_STALL_NS)
		wake_sampler();
	return 0;
}

/* Bucket n: below 2^n us. */
static __always_inline u32 latency_bucket(u64 ns)
{
	u64 us = ns / 1000;
	u32 bucket = 0;

	for (int i = 0; i < OOMSCOPE_LATENCY_BUCKETS - 1; i++) {
		if (us >> i)
			bucket = i + 1;
	}
	return bucket;
}

SEC("fentry/try_to_free_mem_cgroup_pages")
int BPF_PROG(fentry_try_to_free_mem_cgroup_pages, struct mem_cgroup *memcg, unsigned long pages)
{
	begin(BEGUN_RECLAIM);
	return 0;
}

/* It has four arguments or five, by kernel: what it returned is asked for by a helper. */
SEC("fexit/try_to_free_mem_cgroup_pages")
int BPF_PROG(fexit_try_to_free_mem_cgroup_pages, struct mem_cgroup *memcg, unsigned long pages)
{
	struct cgroup_pressure *sums;
	struct begun reclaim;
	u64 freed = 0, ns;
	u32 bucket;

	if (!end(BEGUN_RECLAIM, &reclaim))
		return 0;
	ns = bpf_ktime_get_boot_ns() - reclaim.begin_ns;
	bpf_get_func_ret(ctx, &freed);
	sums = pressure_of(cgroup_id(memcg->css.cgroup));
	if (!sums)
		return 0;
	__sync_fetch_and_add(&sums->reclaim_ns, ns);
	__sync_fetch_and_add(&sums->reclaims, 1);
	__sync_fetch_and_add(&sums->pages_asked, pages);
	__sync_fetch_and_add(&sums->pages_freed, freed);
	bucket = latency_bucket(ns);
	if (bucket < OOMSCOPE_LATENCY_BUCKETS)
		__sync_fetch_and_add(&sums->latency[bucket], 1);
	note_change();
	wake_sampler();
	return 0;
}

/*
 * Who is above memory.high is put to sleep by mem_cgroup_handle_over_high(), in a section of its own
 * (kernel commit 0e4b01df8659). That function runs on many ways back to user space, on an idle node
 * as well; this one is called by it alone within such a section.
 */
SEC("fentry/schedule_timeout_killable")
int BPF_PROG(fentry_schedule_timeout_killable)
{
	struct begun_key stall = key_of_current(BEGUN_STALL);

	if (bpf_map_lookup_elem(&begun, &stall))
		begin(BEGUN_SLEEP);
	return 0;
}

SEC("fexit/schedule_timeout_killable")
int BPF_PROG(fexit_schedule_timeout_killable)
{
	struct cgroup_pressure *sums;
	struct begun sleep;

	if (!end(BEGUN_SLEEP, &sleep))
		return 0;
	sums = pressure_of(own_cgroup_id());
	if (!sums)
		return 0;
	__sync_fetch_and_add(&sums->throttle_ns, bpf_ktime_get_boot_ns() - sleep.begin_ns);
	__sync_fetch_and_add(&sums->throttles, 1);
	note_change();
	wake_sampler();
	return 0;
}

SEC("fentry/balance_pgdat")
int BPF_PROG(fentry_balance_pgdat)
{
	begin(BEGUN_KSWAPD);
	return 0;
}

SEC("fexit/balance_pgdat")
int BPF_PROG(fexit_balance_pgdat)
{
	struct activity *node = node_activity();
	struct begun run;

	if (!end(BEGUN_KSWAPD, &run) || !node)
		return 0;
	__sync_fetch_and_add(&node->kswapd_ns, bpf_ktime_get_boot_ns() - run.begin_ns);
	__sync_fetch_and_add(&node->kswapd_runs, 1);
	return 0;
}
