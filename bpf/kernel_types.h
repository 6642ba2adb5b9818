/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel types that the programs read, cut down to the fields they read. Offsets here mean
 * nothing: preserve_access_index makes libbpf put in those of the running kernel. Where kernels
 * disagree on the shape of a field, the flavours stand in compat.bpf.h.
 *
 * Rejected: a generated vmlinux.h (3 MB that nobody reviews), and <linux/bpf.h> (needs the include
 * folder of one architecture, and these programs are built for all of them by one compiler).
 */
#ifndef OOMSCOPE_KERNEL_TYPES_H
#define OOMSCOPE_KERNEL_TYPES_H

/* Tells bpf_tracing.h to use the kernel's own register names. */
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* From the BPF interface, which never changes. */
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_ANY 0
#define BPF_F_MMAPABLE (1 << 10)
#define BPF_RB_NO_WAKEUP (1 << 0)
#define BPF_RB_FORCE_WAKEUP (1 << 1)
#define BPF_RB_AVAIL_DATA 0
#define BPF_RB_RING_SIZE 1

/* Registers at a kprobe. Part of the user space interface: no relocation. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
};
#endif

/* Macros in the kernel, hence in no BTF; unchanged since long before the first BPF ring (5.8). */
#define PF_KTHREAD 0x00200000
#define MMF_OOM_SKIP 21
#define SIGKILL 9
#define SIGTERM 15
#define SEND_SIG_NOINFO 0
#define SEND_SIG_PRIV 1	   /* by the kernel itself */
#define SIGNAL_DELIVERED 0 /* of signal_generate: neither ignored nor pending before */
#define OOM_SCORE_ADJ_MIN (-1000)
#define LONG_MAX 0x7fffffffffffffffLL
#define LONG_MIN (-LONG_MAX - 1)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum oom_constraint {
	CONSTRAINT_NONE
};

enum cgroup_subsys_id {
	memory_cgrp_id = 4 /* depends on the configuration: relocated */
};

/* Nameless in the kernel, hence not relocatable; unchanged since 4.5. */
enum {
	MM_FILEPAGES = 0,
	MM_ANONPAGES = 1,
	MM_SWAPENTS = 2,
	MM_SHMEMPAGES = 3,
	MM_COUNTERS = 4
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

typedef struct {
	unsigned long bits[1];
} nodemask_t;

struct percpu_counter {
	s64 count;
};

struct task_struct;

struct mm_struct {
	atomic_t mm_users;
	atomic_long_t pgtables_bytes;
	unsigned long arg_start;
	unsigned long arg_end;
	struct task_struct *owner; /* with CONFIG_MEMCG */
};

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* one a level, the innermost namespace last */
};

enum pid_type {
	PIDTYPE_TGID = 1, /* relocated */
	PIDTYPE_SID = 3	  /* relocated */
};

struct signal_struct {
	atomic_t live;
	struct pid *pids[4];
	struct list_head thread_head;
	bool oom_flag_origin;
	short oom_score_adj;
	struct mm_struct *oom_mm;
};

struct kernfs_node {
	const char *name;
	u64 id;
	void *priv; /* of a cgroup's directory: the cgroup */
};

struct cgroup;
struct mem_cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup_root {
	unsigned int subsys_mask;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_subsys_state *subsys[1];
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct page_counter {
	atomic_long_t usage;
	unsigned long min;
	unsigned long low;
	unsigned long high;
	unsigned long max;
};

enum memcg_memory_event {
	MEMCG_LOW,
	MEMCG_HIGH,
	MEMCG_MAX,
	MEMCG_OOM,
	MEMCG_OOM_KILL,
	MEMCG_OOM_GROUP_KILL
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
	struct page_counter swap; /* in a union with memsw, which v1 uses */
	bool oom_group;
	atomic_long_t memory_events[1];
	atomic_long_t memory_events_local[1];
};

struct task_struct {
	unsigned int flags;
	struct mm_struct *mm;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head thread_node;
	void *vfork_done;
	u64 start_boottime;
	const struct cred *real_cred;
	char comm[16];
	struct signal_struct *signal;
	struct css_set *cgroups;
	nodemask_t mems_allowed;
};

struct oom_control {
	nodemask_t *nodemask;
	struct mem_cgroup *memcg;
	const unsigned int gfp_mask;
	const int order;
	unsigned long totalpages;
	struct task_struct *chosen;
	long chosen_points;
	enum oom_constraint constraint;
};

struct kernfs_open_file {
	struct kernfs_node *kn;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

#pragma clang attribute pop

/* Part of the BPF interface: 8 bytes each, no relocation. */
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task; /* NULL at the end */
};

#endif
