/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arguments of the running process. */
#ifndef OOMSCOPE_COMMAND_LINE_BPF_H
#define OOMSCOPE_COMMAND_LINE_BPF_H

#include "facts.bpf.h"

/*
 * Fills `line` whole (what is not read is zero) and returns how much of it was read. `task` is
 * current: its own user memory can be read without sleeping, where it is resident, and arguments
 * mostly are.
 */
static __always_inline u32 read_command_line(char *line, struct task_struct *task)
{
	struct mm_struct *mm = READ(task, mm);
	u64 start, bytes;

	__builtin_memset(line, 0, OOMSCOPE_COMMAND_LINE_LEN);
	if (!mm)
		return 0;
	start = READ(mm, arg_start);
	bytes = READ(mm, arg_end) - start;
	if (!start || bytes > OOMSCOPE_COMMAND_LINE_LEN)
		bytes = start ? OOMSCOPE_COMMAND_LINE_LEN : 0;
	if (!bytes || bpf_probe_read_user(line, bytes, (void *)start))
		return 0;
	return bytes;
}

#endif
