/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "error.h"
#include "ring.h"
#include "unique_fd.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <sys/file.h>
#include <time.h>

namespace oomscope
{

namespace
{

thread_local std::string *current_log = nullptr;

int print_to_log(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (!current_log || level == LIBBPF_DEBUG)
		return 0;
	va_list again;
	va_copy(again, arguments);
	const int length = vsnprintf(nullptr, 0, format, arguments);
	if (length > 0) {
		const size_t before = current_log->size();
		current_log->resize(before + static_cast<size_t>(length) + 1);
		vsnprintf(current_log->data() + before, static_cast<size_t>(length) + 1, format,
			  again);
		current_log->pop_back();
	}
	va_end(again);
	return 0;
}

int64_t now_ns(clockid_t clock)
{
	struct timespec now = {};
	clock_gettime(clock, &now);
	return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct Value {
	UniqueFd fd;
	uint32_t bytes;
};

Value open_value(const std::string &path)
{
	UniqueFd fd(bpf_obj_get(path.c_str()));
	struct bpf_map_info facts = {};
	uint32_t size = sizeof(facts);
	if (!fd || bpf_obj_get_info_by_fd(fd.get(), &facts, &size))
		throw KernelError(errno, "opening " + path);
	if (facts.type != BPF_MAP_TYPE_ARRAY || facts.key_size != sizeof(uint32_t))
		throw KernelError(EINVAL, path + " is no value of oomscope");
	return {std::move(fd), facts.value_size};
}

} /* namespace */

LibbpfLog::LibbpfLog()
{
	/* The callback is one per process; where its text goes is per thread. */
	libbpf_set_print(print_to_log);
	current_log = new std::string();
}

LibbpfLog::~LibbpfLog()
{
	delete current_log;
	current_log = nullptr;
}

std::string LibbpfLog::text() const
{
	constexpr size_t KEEP_BYTES = 4096;
	if (current_log->size() <= 2 * KEEP_BYTES)
		return *current_log;
	return current_log->substr(0, KEEP_BYTES) + "\n[…]\n" +
	       current_log->substr(current_log->size() - KEEP_BYTES);
}

std::vector<std::string> functions_in_btf(const std::vector<std::string> &names)
{
	LibbpfLog log;
	const std::unique_ptr<struct btf, decltype(&btf__free)> btf(btf__load_vmlinux_btf(),
								    btf__free);
	if (!btf)
		throw KernelError(errno, "reading the kernel's BTF", log.text());
	std::vector<std::string> found;
	for (const std::string &name : names) {
		if (btf__find_by_name_kind(btf.get(), name.c_str(), BTF_KIND_FUNC) > 0)
			found.push_back(name);
	}
	return found;
}

Clocks read_clocks()
{
	/* The middle of two readings: a preemption between them would shift the anchor. The closest of a few wins. */
	Clocks best = {};
	int64_t best_gap_ns = INT64_MAX;
	for (int i = 0; i < 5; i++) {
		const int64_t before_ns = now_ns(CLOCK_BOOTTIME);
		const int64_t epoch_ns = now_ns(CLOCK_REALTIME);
		const int64_t after_ns = now_ns(CLOCK_BOOTTIME);
		if (after_ns - before_ns < best_gap_ns) {
			best_gap_ns = after_ns - before_ns;
			best = {before_ns + best_gap_ns / 2, epoch_ns};
		}
	}
	return best;
}

bool try_lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return false;
	throw KernelError(errno, "locking the pin directory");
}

void create_pinned_value(const std::string &path, const std::string &name, uint32_t value_bytes)
{
	LibbpfLog log;
	UniqueFd fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, name.c_str(), sizeof(uint32_t), value_bytes,
				   1, nullptr));
	if (!fd)
		throw KernelError(errno, "creating map " + name, log.text());
	if (bpf_obj_pin(fd.get(), path.c_str()))
		throw KernelError(errno, "pinning " + path);
}

std::vector<uint8_t> read_pinned_value(const std::string &path)
{
	const Value value = open_value(path);
	/* The kernel copies values in multiples of 8 bytes. */
	std::vector<uint8_t> bytes((value.bytes + 7) & ~7u);
	const uint32_t key = 0;
	if (bpf_map_lookup_elem(value.fd.get(), &key, bytes.data()))
		throw KernelError(errno, "reading " + path);
	bytes.resize(value.bytes);
	return bytes;
}

void write_pinned_value(const std::string &path, const std::vector<uint8_t> &bytes)
{
	const Value value = open_value(path);
	if (bytes.size() != value.bytes)
		throw KernelError(EINVAL,
				  path + " holds " + std::to_string(value.bytes) + " bytes");
	const uint32_t key = 0;
	if (bpf_map_update_elem(value.fd.get(), &key, bytes.data(), BPF_ANY))
		throw KernelError(errno, "writing " + path);
}

uint64_t unread_ring_bytes(const std::string &path)
{
	UniqueFd fd(bpf_obj_get(path.c_str()));
	struct bpf_map_info facts = {};
	uint32_t size = sizeof(facts);
	if (!fd || bpf_obj_get_info_by_fd(fd.get(), &facts, &size))
		throw KernelError(errno, "opening " + path);
	if (facts.type != BPF_MAP_TYPE_RINGBUF)
		throw KernelError(EINVAL, path + " is no ring");
	return Ring(fd.get(), facts.max_entries).unread_bytes();
}

} /* namespace oomscope */
