/* SPDX-License-Identifier: Apache-2.0 */
#include "hardening.h"

#include "error.h"

#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <memory>
#include <set>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

namespace oomscope
{

namespace
{

/*
 * The C library's own signal for setuid() and its like: the only one that no thread can block, and some of Node's block all
 * others. It is borrowed for a moment and given back.
 */
constexpr int SIGNAL_NOBODY_BLOCKS = 33;
constexpr int PATIENCE_MS = 5'000;

std::atomic<uint64_t> keep_mask{0};
std::atomic<int> answers{0};
std::atomic<int> first_error{0};

/* Of the calling thread. Async-signal-safe. Returns 0 or an errno. */
int drop_own(uint64_t keep)
{
	__user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct data[2] = {};
	if (syscall(SYS_capget, &header, data))
		return errno;
	for (int word = 0; word < 2; word++) {
		const auto bits = static_cast<uint32_t>(keep >> (32 * word));
		data[word].permitted &= bits;
		data[word].effective &= bits;
		data[word].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data))
		return errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? errno : 0;
}

void on_signal(int)
{
	const int before = errno;
	int none = 0;
	const int error = drop_own(keep_mask.load());
	if (error)
		first_error.compare_exchange_strong(none, error);
	answers.fetch_add(1);
	errno = before;
}

/* As the kernel has it on all our architectures; the C library hides its own signals from its own functions. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)();
	uint64_t mask;
};

/* Borrows the signal while it lives. */
class BorrowedSignal
{
public:
	BorrowedSignal()
	{
		/* The C library knows how to return from a handler here: by way of a signal that it lets us have. */
		struct sigaction action = {}, before_other = {};
		action.sa_handler = on_signal;
		action.sa_flags = SA_RESTART;
		kernel_sigaction ours = {};
		if (sigaction(OTHER_SIGNAL, &action, &before_other) ||
		    syscall(SYS_rt_sigaction, OTHER_SIGNAL, nullptr, &ours, sizeof(ours.mask)) ||
		    sigaction(OTHER_SIGNAL, &before_other, nullptr) ||
		    syscall(SYS_rt_sigaction, SIGNAL_NOBODY_BLOCKS, &ours, &before_,
			    sizeof(ours.mask)))
			throw KernelError(errno, "no signal could be set up");
	}
	~BorrowedSignal()
	{
		syscall(SYS_rt_sigaction, SIGNAL_NOBODY_BLOCKS, &before_, nullptr,
			sizeof(before_.mask));
	}
	BorrowedSignal(const BorrowedSignal &) = delete;
	BorrowedSignal &operator=(const BorrowedSignal &) = delete;

private:
	static constexpr int OTHER_SIGNAL = 40;
	kernel_sigaction before_ = {};
};

std::set<pid_t> threads()
{
	std::set<pid_t> tids;
	const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir("/proc/self/task"), closedir);
	if (!folder)
		throw KernelError(errno, "/proc/self/task cannot be read");
	while (const dirent *entry = readdir(folder.get())) {
		if (const int tid = atoi(entry->d_name))
			tids.insert(tid);
	}
	return tids;
}

/* True = the thread is still there. */
bool tell(pid_t tid)
{
	return syscall(SYS_tgkill, getpid(), tid, SIGNAL_NOBODY_BLOCKS) == 0;
}

void wait_for_answer(int expected, pid_t tid)
{
	const timespec millisecond = {0, 1'000'000};
	for (int waited = 0; answers.load() < expected; waited++) {
		/* A thread that ended meanwhile took its capabilities with it and never answers. */
		if (syscall(SYS_tgkill, getpid(), tid, 0))
			return;
		if (waited >= PATIENCE_MS)
			throw KernelError(ETIMEDOUT, "a thread did not give up its capabilities");
		nanosleep(&millisecond, nullptr);
	}
}

/* Each mapping of a file that nobody writes. Returns false when the kernel refuses. */
bool lock_mapping(const char *line)
{
	uint64_t begin = 0, end = 0;
	char permissions[5] = {};
	int path_at = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %n", &begin, &end, permissions,
		   &path_at) < 3)
		return true;
	const bool is_file = line[path_at] == '/';
	if (!is_file || permissions[0] != 'r' || permissions[1] == 'w')
		return true;
	return syscall(SYS_mlock2, begin, end - begin, MLOCK_ONFAULT) == 0;
}

} /* namespace */

bool bpf_works_without_capabilities()
{
	int error = 0;
	std::thread([&error] {
		bpf_attr attr = {};
		attr.map_fd = static_cast<uint32_t>(-1);
		error = drop_own(0);
		if (error == 0) {
			syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
			error = errno;
		}
	}).join();
	/* A map that is none: to be told so is to be served. */
	return error == EBADF;
}

void drop_capabilities(uint64_t keep)
{
	keep_mask = keep;
	answers = 0;
	first_error = 0;
	const BorrowedSignal signal;
	std::set<pid_t> told;
	/* A thread that is not told yet may make another one meanwhile; one that is told makes only harmless ones. */
	for (bool found_more = true; found_more;) {
		found_more = false;
		for (const pid_t tid : threads()) {
			if (!told.insert(tid).second)
				continue;
			const int expected = answers.load() + 1;
			if (!tell(tid))
				continue;
			found_more = true;
			wait_for_answer(expected, tid);
		}
	}
	if (const int error = first_error.load())
		throw KernelError(error, "the capabilities could not be given up");
}

unsigned lock_code()
{
	unsigned refused = 0;
	const std::unique_ptr<FILE, int (*)(FILE *)> maps(fopen("/proc/self/maps", "re"), fclose);
	if (!maps)
		throw KernelError(errno, "/proc/self/maps cannot be read");
	char *line = nullptr;
	size_t capacity = 0;
	while (getline(&line, &capacity, maps.get()) > 0)
		refused += lock_mapping(line) ? 0 : 1;
	free(line);
	return refused;
}

} /* namespace oomscope */
