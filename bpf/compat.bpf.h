/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every difference between kernels, one helper each. Told by the shape of BTF, never by a version
 * number.
 *
 * A flavour (struct name___x) is another idea of the same kernel struct: its root always exists, so
 * that a missing field is a plain "no". A root type that the kernel lacks would make libbpf search
 * the modules' BTF, which needs more than CAP_BPF and CAP_PERFMON.
 */
#ifndef OOMSCOPE_COMPAT_BPF_H
#define OOMSCOPE_COMPAT_BPF_H

#include "reads.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct___atomic_rss {
	struct {
		atomic_long_t count[MM_COUNTERS];
	} rss_stat;
};

struct mm_struct___percpu_rss {
	struct percpu_counter rss_stat[MM_COUNTERS];
};

struct mm_struct___word_flags {
	unsigned long flags;
};

struct mm_struct___bitmap_flags {
	struct {
		unsigned long __mm_flags[1];
	} flags;
};

struct kernfs_node___plain_parent {
	struct kernfs_node *parent;
};

struct kernfs_node___rcu_parent {
	struct kernfs_node *__parent;
};

#pragma clang attribute pop

/*
 * The four counters of an mm, in pages. They were atomics until f1a7941243c1 ("mm: convert mm's rss
 * stats into percpu_counter", 6.2); those are fetched in one go, since verifiers of that age cannot
 * see into an array of a typedef. Of the later ones the approximate sum is read, as oom_badness()
 * does. Either can be negative for a moment, which the kernel reads as 0.
 */
#define READ_RSS(read, mm, counts)                                                                 \
	({                                                                                         \
		struct mm_struct___percpu_rss *percpu_ = (void *)(mm);                             \
		struct mm_struct___atomic_rss *atomic_ = (void *)(mm);                             \
		if (bpf_core_field_exists(percpu_->rss_stat[0].count)) {                           \
			(counts)[0] = read(percpu_, rss_stat[0].count);                            \
			(counts)[1] = read(percpu_, rss_stat[1].count);                            \
			(counts)[2] = read(percpu_, rss_stat[2].count);                            \
			(counts)[3] = read(percpu_, rss_stat[3].count);                            \
		} else {                                                                           \
			bpf_probe_read_kernel(counts, sizeof(counts), &atomic_->rss_stat.count);   \
		}                                                                                  \
	})

/*
 * mm->flags became a bitmap with bb6525f2f8c4 ("mm: add bitmap mm->flags field", 6.18); the bits
 * kept their places.
 */
static __always_inline bool mm_has_flag(struct mm_struct *mm, int bit)
{
	unsigned long flags;

	if (bpf_core_field_exists(struct mm_struct___bitmap_flags, flags.__mm_flags))
		flags = PROBE((struct mm_struct___bitmap_flags *)mm, flags.__mm_flags[0]);
	else
		flags = PROBE((struct mm_struct___word_flags *)mm, flags);
	return flags & (1UL << bit);
}

/*
 * Renamed by 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent", 6.15). NULL = the root
 * of its hierarchy.
 */
static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
	if (bpf_core_field_exists(struct kernfs_node___rcu_parent, __parent))
		return PROBE((struct kernfs_node___rcu_parent *)node, __parent);
	return PROBE((struct kernfs_node___plain_parent *)node, parent);
}

#endif
