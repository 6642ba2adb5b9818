// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Usage and limits of cgroups. `iter_cgroup` walks all of them, under cgroup_mutex, into the map
 * `cgroup_slots`; nothing goes through the iterator's own output, which ends at 32 KiB. `read_hot`
 * reads those again that are under pressure, as often as every 10 ms: without any lock, by the
 * addresses of the last walk.
 */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "memcg.bpf.h"
#include "pressure_maps.bpf.h"

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

static __always_inline u32 unlimited(u64 pages, enum sample_flags flag)
{
	return pages > PAGES_UNLIMITED ? flag : 0;
}

/* On v1 the counter in place of `swap` counts memory and swap. */
static __always_inline u64 swap_of_memsw(u64 memsw_pages, u64 memory_pages)
{
	return memsw_pages > memory_pages ? memsw_pages - memory_pages : 0;
}

/* As much of a struct page_counter as any kernel has before the last of the fields read here. */
#define COUNTER_BYTES 320

/* One read for a whole counter: the calls are what a walk costs. */
#define COUNTER_FIELD(bytes, field)                                                                \
	(*(u64 *)((bytes) + bpf_core_field_offset(struct page_counter, field)))

static __noinline int read_slot(struct cgroup_slot *slot, u64 memcg_address, u32 is_v1)
{
	struct mem_cgroup *memcg = (void *)memcg_address;
	struct cgroup_sample *sample;
	char counter[COUNTER_BYTES];
	u32 flags;

	if (!slot)
		return 0;
	sample = &slot->sample;
	bpf_probe_read_kernel(counter, sizeof(counter), &memcg->memory);
	sample->usage_pages = COUNTER_FIELD(counter, usage);
	sample->max_pages = COUNTER_FIELD(counter, max);
	sample->swap_pages = PROBE(memcg, swap.usage.counter);
	flags = unlimited(sample->max_pages, SAMPLE_MAX_UNLIMITED);
	if (!is_v1) {
		sample->high_pages = COUNTER_FIELD(counter, high);
		sample->low_pages = COUNTER_FIELD(counter, low);
		sample->min_pages = COUNTER_FIELD(counter, min);
		flags |= unlimited(sample->high_pages, SAMPLE_HIGH_UNLIMITED) |
			 unlimited(sample->low_pages, SAMPLE_LOW_UNLIMITED) |
			 unlimited(sample->min_pages, SAMPLE_MIN_UNLIMITED);
	} else {
		sample->high_pages = sample->low_pages = sample->min_pages = 0;
		sample->swap_pages = swap_of_memsw(sample->swap_pages, sample->usage_pages);
		flags |= SAMPLE_NO_HIGH_LOW_MIN;
	}
	sample->flags = flags;
	bpf_probe_read_kernel(slot->events, sizeof(slot->events), &memcg->memory_events);
	bpf_probe_read_kernel(slot->events_local, sizeof(slot->events_local),
			      &memcg->memory_events_local);
	return 0;
}

/* Every task has a place in the default hierarchy, which is v2's. */
static __always_inline bool is_v1(struct cgroup *cgroup)
{
	struct task_struct *current = (void *)bpf_get_current_task();

	return PROBE(cgroup, root) != BPF_CORE_READ(current, cgroups, dfl_cgrp, root);
}

SEC("iter/cgroup")
int iter_cgroup(struct bpf_iter__cgroup *context)
{
	struct cgroup *cgroup = context->cgroup;
	struct sampler_state *state;
	struct cgroup_slot *slot;
	struct kernfs_node *node;
	struct mem_cgroup *memcg;
	u32 key = 0;

	state = bpf_map_lookup_elem(&sampler, &key);
	if (!cgroup || !state)
		return 0;
	node = PROBE(cgroup, kn);
	/* What is charged to the root is not counted there. */
	if (!kernfs_parent(node))
		return 0;
	memcg = own_mem_cgroup(cgroup);
	if (!memcg)
		return 0;
	key = state->slots_used;
	if (key == 0)
		state->is_v1 = is_v1(cgroup);
	slot = bpf_map_lookup_elem(&cgroup_slots, &key);
	if (!slot) {
		state->slots_refused++;
		return 0;
	}
	state->slots_used = key + 1;
	slot->address = (u64)cgroup;
	slot->sample.cgroup_id = PROBE(node, id);
	slot->sample.pad = 0;
	read_slot(slot, (u64)memcg, state->is_v1);
	return 0;
}

static long read_hot_slot(u32 index, void *unused)
{
	u32 key = 0;
	struct sampler_state *state = bpf_map_lookup_elem(&sampler, &key);
	struct cgroup_slot *slot;
	struct cgroup *cgroup;
	struct kernfs_node *node;
	struct mem_cgroup *memcg;

	if (!state || index >= OOMSCOPE_HOT_MAX)
		return 1;
	key = state->hot_slots[index];
	slot = bpf_map_lookup_elem(&cgroup_slots, &key);
	if (!slot || !slot->address)
		return 0;
	/*
	 * A cgroup may be freed meanwhile, and its memory another's. Ids are never used twice, and
	 * reads of kernel memory cannot fault: so it is still this one, or it is left alone.
	 */
	cgroup = (void *)slot->address;
	node = PROBE(cgroup, kn);
	memcg = own_mem_cgroup(cgroup);
	if (PROBE(node, id) != slot->sample.cgroup_id || !memcg) {
		slot->address = 0;
		return 0;
	}
	read_slot(slot, (u64)memcg, state->is_v1);
	return 0;
}

SEC("syscall")
int read_hot(void *context)
{
	u32 key = 0;
	struct sampler_state *state = bpf_map_lookup_elem(&sampler, &key);

	if (state)
		bpf_loop(state->hot_count, read_hot_slot, NULL, 0);
	return 0;
}
