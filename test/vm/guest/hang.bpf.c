// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keeps a CPU in the kernel for ever: no other task runs there. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define LOOPS (1 << 23)

static long do_nothing(__u32 index, void *context)
{
	return 0;
}

static long loop_again(__u32 index, void *context)
{
	bpf_loop(LOOPS, do_nothing, NULL, 0);
	return 0;
}

SEC("xdp")
int hang(struct xdp_md *context)
{
	bpf_loop(LOOPS, loop_again, NULL, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
