/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The memory controller's half of a cgroup. */
#ifndef OOMSCOPE_MEMCG_BPF_H
#define OOMSCOPE_MEMCG_BPF_H

#include "compat.bpf.h"

/*
 * A limit of more pages than this is none: PAGE_COUNTER_MAX is LONG_MAX / PAGE_SIZE, and pages are
 * 64 KiB at most.
 */
#define PAGES_UNLIMITED (LONG_MAX >> 16)

static __always_inline struct mem_cgroup *mem_cgroup_of_css(struct cgroup_subsys_state *css)
{
	return (void *)css - bpf_core_field_offset(struct mem_cgroup, css);
}

/* NULL = the memory controller is not switched on in this very cgroup. */
static __always_inline struct mem_cgroup *own_mem_cgroup(struct cgroup *cgroup)
{
	u64 offset = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(void *);
	struct cgroup_subsys_state *css = NULL;

	bpf_probe_read_kernel(&css, sizeof(css), (void *)&cgroup->subsys + offset);
	return css ? mem_cgroup_of_css(css) : NULL;
}

#endif
