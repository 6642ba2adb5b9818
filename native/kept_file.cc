/* SPDX-License-Identifier: Apache-2.0 */
#include "kept_file.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/resource.h>
#include <utility>

namespace oomscope
{

namespace
{

/* Longer than any of the files: /proc/vmstat has some 5 KiB. */
constexpr size_t TEXT_BYTES_MAX = 32 << 10;
thread_local char text_buffer[TEXT_BYTES_MAX];

/* Half of what the process may have is for others: its clients, its files. */
long kept_limit()
{
	struct rlimit limit = {};
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 256;
	return static_cast<long>(limit.rlim_cur / 2);
}

std::atomic<long> kept = 0;

} /* namespace */

KeptFile::KeptFile(std::string path, Comes comes) : path_(std::move(path)), comes_(comes)
{
}

KeptFile::~KeptFile()
{
	if (fd_)
		kept--;
}

std::string_view KeptFile::read()
{
	static const long limit = kept_limit();
	if (absent_)
		return {};
	UniqueFd once;
	int fd = fd_.get();
	if (fd < 0) {
		once = UniqueFd(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
		if (!once) {
			absent_ = errno == ENOENT || errno == EACCES;
			return {};
		}
		fd = once.get();
		if (kept < limit) {
			fd_ = std::move(once);
			kept++;
		}
	}
	size_t used = 0;
	for (;;) {
		const ssize_t bytes = pread(fd, text_buffer + used, TEXT_BYTES_MAX - used,
					    static_cast<off_t>(used));
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return {};
		used += static_cast<size_t>(bytes);
		if (bytes == 0 || comes_ == Comes::Whole || used == TEXT_BYTES_MAX)
			return {text_buffer, used};
	}
}

std::optional<uint64_t> read_number(std::string_view text)
{
	uint64_t value = 0;
	const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
	if (error != std::errc() || end == text.data())
		return std::nullopt;
	return value;
}

void read_fields(std::string_view text, const FieldOfKey &field_of_key, Fields into)
{
	while (!text.empty()) {
		const size_t end = text.find('\n');
		const std::string_view line = text.substr(0, end);
		text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
		const size_t key_end = line.find_first_of(": ");
		if (key_end == std::string_view::npos)
			continue;
		const auto found = field_of_key.find(line.substr(0, key_end));
		if (found == field_of_key.end())
			continue;
		const size_t at = line.find_first_not_of(": ", key_end);
		if (at == std::string_view::npos)
			continue;
		const std::optional<uint64_t> value = read_number(line.substr(at));
		const bool is_kib = line.size() > 3 && line.substr(line.size() - 3) == " kB";
		if (value)
			into.add(found->second, is_kib ? *value << 10 : *value);
	}
}

std::optional<uint64_t> pressure_total(std::string_view text, std::string_view kind)
{
	constexpr std::string_view TOTAL = "total=";
	const size_t line = text.find(kind);
	if (line == std::string_view::npos)
		return std::nullopt;
	const size_t total = text.find(TOTAL, line);
	if (total == std::string_view::npos)
		return std::nullopt;
	return read_number(text.substr(total + TOTAL.size()));
}

} /* namespace oomscope */
