// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Cgroups that come and go, so that an id has its path without anybody polling. */
#define OOMSCOPE_POINTERS_ARE_TYPED

#include "compat.bpf.h"
#include "emit.bpf.h"

#include <bpf/bpf_tracing.h>

#define LIFE_BYTES_WITHOUT_PATH __builtin_offsetof(struct cgroup_life, path)

/* All three run under cgroup_mutex: one at a time. */
static struct {
	struct cgroup_life record;
	char padding[8];
} life;

static __always_inline bool has_memory_controller(struct cgroup *cgroup)
{
	u64 bit = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);

	return BPF_CORE_READ(cgroup, root, subsys_mask) >> bit & 1;
}

static __always_inline int record_life(struct cgroup *cgroup, const char *path,
				       enum cgroup_change change)
{
	struct kernfs_node *node = PROBE(cgroup, kn);
	u32 size;
	long bytes;

	if (!has_memory_controller(cgroup) || !may_record(bpf_ktime_get_boot_ns()))
		return 0;
	bytes = bpf_probe_read_kernel_str(life.record.path, OOMSCOPE_PATH_LEN, path);
	/* Counts the NUL, which is left out. */
	bytes = bytes > 0 ? bytes - 1 : 0;
	life.record.cgroup_id = PROBE(node, id);
	life.record.change = change;
	life.record.level = PROBE(cgroup, level);
	life.record.path_bytes = bytes;
	life.record.path_truncated = bytes == OOMSCOPE_PATH_LEN - 1;
	if (bytes < 0 || bytes >= OOMSCOPE_PATH_LEN)
		return 0;
	__builtin_memset(&life.record.path[bytes], 0, 8);
	size = LIFE_BYTES_WITHOUT_PATH + (((u32)bytes + 7) & ~7U);
	if (size > sizeof(life.record))
		size = sizeof(life.record);
	set_header(&life.record.header, RECORD_CGROUP_LIFE, size, 0);
	if (bpf_ringbuf_output(&bulk, &life.record, size, BPF_RB_FORCE_WAKEUP))
		count_bulk_refused();
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(tp_btf_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	return record_life(cgroup, path, CGROUP_APPEARED);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(tp_btf_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	return record_life(cgroup, path, CGROUP_VANISHED);
}

SEC("tp_btf/cgroup_rename")
int BPF_PROG(tp_btf_cgroup_rename, struct cgroup *cgroup, const char *path)
{
	return record_life(cgroup, path, CGROUP_RENAMED);
}
