/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets the kernel itself write into a pinned ring, for tests on hosts where no program of ours can be made to run:
 *
 *   feed_ring PIN COUNT WORD...
 *
 * writes COUNT records of 64-bit WORDs. The first word of each is WORD + its number, so that order can be told. Exits 0 when
 * all were taken, 3 when the ring refused one, 1 with a reason when the kernel does not let it.
 *
 * Only BPF programs may write to a ring: this is a "syscall" program (5.14), which runs when it is asked to.
 */
#include <bpf/bpf.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/bpf.h>
#include <vector>

namespace
{

/* Copies the context's words to the stack and hands them to bpf_ringbuf_output(). */
std::vector<struct bpf_insn> program(int ring_fd, int words)
{
	const auto instruction = [](int code, int dst, int src, int offset, int imm) {
		struct bpf_insn insn = {};
		insn.code = static_cast<__u8>(code);
		insn.dst_reg = static_cast<__u8>(dst) & 0xf;
		insn.src_reg = static_cast<__u8>(src) & 0xf;
		insn.off = static_cast<__s16>(offset);
		insn.imm = imm;
		return insn;
	};
	constexpr int LOAD_64 = BPF_LDX | BPF_MEM | BPF_DW, STORE_64 = BPF_STX | BPF_MEM | BPF_DW;
	constexpr int MOVE_REGISTER = BPF_ALU64 | BPF_MOV | BPF_X,
		      MOVE = BPF_ALU64 | BPF_MOV | BPF_K;
	std::vector<struct bpf_insn> code;
	for (int i = 0; i < words; i++) {
		code.push_back(instruction(LOAD_64, BPF_REG_3, BPF_REG_1, 8 * i, 0));
		code.push_back(instruction(STORE_64, BPF_REG_10, BPF_REG_3, -8 * (words - i), 0));
	}
	code.push_back(
		instruction(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, ring_fd));
	code.push_back(instruction(0, 0, 0, 0, 0));
	code.push_back(instruction(MOVE_REGISTER, BPF_REG_2, BPF_REG_10, 0, 0));
	code.push_back(instruction(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -8 * words));
	code.push_back(instruction(MOVE, BPF_REG_3, 0, 0, 8 * words));
	code.push_back(instruction(MOVE, BPF_REG_4, 0, 0, BPF_RB_FORCE_WAKEUP));
	code.push_back(instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_output));
	code.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
	return code;
}

int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

} /* namespace */

int main(int argc, char **argv)
{
	constexpr int WORDS_MAX = 60; /* the stack of a program is 512 bytes */
	const int words = argc - 3;
	if (words < 1 || words > WORDS_MAX) {
		puts("usage: feed_ring PIN COUNT WORD...");
		return 2;
	}
	const int ring_fd = bpf_obj_get(argv[1]);
	if (ring_fd < 0)
		return fail("opening the ring");
	const std::vector<struct bpf_insn> code = program(ring_fd, words);
	LIBBPF_OPTS(bpf_prog_load_opts, load_options, .prog_flags = BPF_F_SLEEPABLE);
	const int program_fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "feed_ring", "GPL", code.data(),
					     code.size(), &load_options);
	if (program_fd < 0)
		return fail("loading the program");

	const long count = atol(argv[2]);
	std::vector<uint64_t> record;
	for (int i = 0; i < words; i++)
		record.push_back(strtoull(argv[3 + i], nullptr, 0));
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = record.data(),
		    .ctx_size_in = static_cast<__u32>(record.size() * sizeof(uint64_t)));
	for (long i = 0; i < count; i++, record[0]++) {
		if (bpf_prog_test_run_opts(program_fd, &run))
			return fail("running the program");
		if (run.retval != 0)
			return 3;
	}
	return 0;
}
