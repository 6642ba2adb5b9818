/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cgroup records: counters, limits and path of a memory cgroup. Built in static memory, hence under
 * oom_lock only.
 */
#ifndef OOMSCOPE_CGROUPS_BPF_H
#define OOMSCOPE_CGROUPS_BPF_H

#include "facts.bpf.h"
#include "memcg.bpf.h"

#define CGROUP_LEVELS_MAX 32
#define NAME_BYTES_MAX 256 /* NAME_MAX and its NUL */
#define CGROUP_BYTES_WITHOUT_PATH __builtin_offsetof(struct cgroup_record, path)

struct cgroup_buffer {
	struct cgroup_record record;
	/* A name is read at the end of a full path before it is found to be too long. */
	char slack[NAME_BYTES_MAX];
};

static __always_inline void read_counters(struct cgroup_record *record, struct mem_cgroup *memcg)
{
	record->usage_pages = PROBE(memcg, memory.usage.counter);
	record->max_pages = PROBE(memcg, memory.max);
	record->high_pages = PROBE(memcg, memory.high);
	record->swap_pages = PROBE(memcg, swap.usage.counter);
	record->swap_max_pages = PROBE(memcg, swap.max);
	record->flags |= CGROUP_HAS_MEMORY;
	if (record->max_pages > PAGES_UNLIMITED)
		record->flags |= CGROUP_MAX_UNLIMITED;
	if (record->high_pages > PAGES_UNLIMITED)
		record->flags |= CGROUP_HIGH_UNLIMITED;
	if (record->swap_max_pages > PAGES_UNLIMITED)
		record->flags |= CGROUP_SWAP_MAX_UNLIMITED;
	if (PROBE(memcg, oom_group))
		record->flags |= CGROUP_OOM_GROUP;
}

/* All but the path, the size and the episode. */
static __always_inline void read_cgroup(struct cgroup_record *record, struct cgroup *cgroup,
					enum cgroup_role role)
{
	struct task_struct *current = (void *)bpf_get_current_task();
	struct mem_cgroup *memcg = own_mem_cgroup(cgroup);
	struct kernfs_node *node = PROBE(cgroup, kn);

	record->header.kind = RECORD_CGROUP;
	record->header.time_ns = bpf_ktime_get_boot_ns();
	record->cgroup_id = PROBE(node, id);
	record->role = role;
	record->level = PROBE(cgroup, level);
	record->path_bytes = 0;
	record->usage_pages = 0;
	record->max_pages = 0;
	record->high_pages = 0;
	record->swap_pages = 0;
	record->swap_max_pages = 0;
	record->flags = 0;
	/*
	 * memory+swap is a counter of v1; every task has a place in the default hierarchy, which is
	 * v2's.
	 */
	if (PROBE(cgroup, root) != BPF_CORE_READ(current, cgroups, dfl_cgrp, root))
		record->flags |= CGROUP_SWAP_IS_MEMSW;
	/* What is charged to the root is not counted there. */
	if (!kernfs_parent(node))
		record->flags |= CGROUP_IS_ROOT;
	else if (memcg)
		read_counters(record, memcg);
}

static __noinline int read_path(struct cgroup_buffer *buffer, u64 cgroup_address)
{
	struct cgroup *cgroup = (void *)cgroup_address;
	struct cgroup_record *record;
	struct kernfs_node *node;
	u32 used = 0;

	if (!buffer)
		return 0;
	record = &buffer->record;
	node = PROBE(cgroup, kn);
	for (int i = 0; i < CGROUP_LEVELS_MAX; i++) {
		struct kernfs_node *parent = kernfs_parent(node);
		long bytes;

		if (!parent) {
			record->path_bytes = used;
			return 0;
		}
		if (used >= OOMSCOPE_PATH_LEN)
			break;
		bytes = bpf_probe_read_kernel_str(&record->path[used], NAME_BYTES_MAX,
						  PROBE(node, name));
		if (bytes <= 0 || bytes > NAME_BYTES_MAX || used + bytes > OOMSCOPE_PATH_LEN)
			break;
		used += bytes;
		node = parent;
	}
	record->flags |= CGROUP_PATH_TRUNCATED;
	record->path_bytes = used;
	return 0;
}

/* Zeroes the padding behind the path and returns the record's size. */
static __always_inline u32 close_path(struct cgroup_buffer *buffer)
{
	u32 used = buffer->record.path_bytes;

	if (used > OOMSCOPE_PATH_LEN)
		used = OOMSCOPE_PATH_LEN;
	__builtin_memset(&buffer->record.path[used], 0, 8);
	return CGROUP_BYTES_WITHOUT_PATH + ((used + 7) & ~7U);
}

#endif
