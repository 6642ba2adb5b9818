/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How kernel memory is read. The logic is written once and compiled twice:
 * - into fentry/fexit and BTF tracepoint programs, whose pointers the verifier knows: a read is one
 *   instruction;
 * - into kprobes, whose arguments are bare numbers: a read is a helper call.
 * The hot path (one run per candidate, under oom_lock) is worth the difference; what runs once uses
 * PROBE everywhere.
 */
#ifndef OOMSCOPE_READS_BPF_H
#define OOMSCOPE_READS_BPF_H

#include "maps.bpf.h"

#include <bpf/bpf_core_read.h>

#define PROBE(pointer, field) BPF_CORE_READ(pointer, field)

#ifdef OOMSCOPE_POINTERS_ARE_TYPED
#define READ(pointer, field) ((pointer)->field)
#else
#define READ(pointer, field) PROBE(pointer, field)
#endif

static __always_inline struct task_struct *current_task(void)
{
#ifdef OOMSCOPE_POINTERS_ARE_TYPED
	return (struct task_struct *)bpf_get_current_task_btf();
#else
	return (struct task_struct *)bpf_get_current_task();
#endif
}

#endif
