/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_HOST_H
#define OOMSCOPE_HOST_H

#include <cstdint>
#include <string>
#include <vector>

/* What the host is asked beyond files in /proc and /sys: plain facts, each throwing KernelError when it cannot be had. */
namespace oomscope
{

/* Which of `names` are functions in the running kernel's BTF. */
std::vector<std::string> functions_in_btf(const std::vector<std::string> &names);

/* One moment in two clocks, ns: CLOCK_BOOTTIME and CLOCK_REALTIME. */
struct Clocks {
	int64_t boot_ns;
	int64_t epoch_ns;
};
Clocks read_clocks();

/* Takes an exclusive advisory lock on an open file or directory. False = somebody else holds it. */
bool try_lock(int fd);

/* Pinned array maps with one entry. `bytes` is the whole value. */
void create_pinned_value(const std::string &path, const std::string &name, uint32_t value_bytes);
std::vector<uint8_t> read_pinned_value(const std::string &path);
void write_pinned_value(const std::string &path, const std::vector<uint8_t> &bytes);

/* What a pinned ring still holds, ring headers included, without reading it. */
uint64_t unread_ring_bytes(const std::string &path);

/*
 * Collects what libbpf says on this thread while it lives, instead of stderr; it may not be nested. Long logs keep their
 * beginning, which names the program, and their end, which names the reason.
 */
class LibbpfLog
{
public:
	LibbpfLog();
	~LibbpfLog();
	LibbpfLog(const LibbpfLog &) = delete;
	LibbpfLog &operator=(const LibbpfLog &) = delete;
	std::string text() const;
};

} /* namespace oomscope */

#endif
