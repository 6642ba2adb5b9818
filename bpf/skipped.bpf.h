/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why the OOM killer passes a process over. */
#ifndef OOMSCOPE_SKIPPED_BPF_H
#define OOMSCOPE_SKIPPED_BPF_H

#include "facts.bpf.h"

/* The checks of oom_badness(), in its order; CANDIDATE_SKIPPED = none of them says no. */
static __noinline int why_not_scored(u64 task_address, u64 mm_address)
{
	struct task_struct *task = (void *)task_address;
	struct mm_struct *mm = (void *)mm_address;

	if (!mm)
		return CANDIDATE_NO_MM;
	if (BPF_CORE_READ(task, signal, oom_score_adj) == OOM_SCORE_ADJ_MIN)
		return CANDIDATE_ADJ_MIN;
	if (mm_has_flag(mm, MMF_OOM_SKIP))
		return CANDIDATE_MM_SKIP;
	if (PROBE(task, vfork_done) && BPF_CORE_READ(task, real_parent, mm) == mm)
		return CANDIDATE_VFORK;
	return CANDIDATE_SKIPPED;
}

#endif
