/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_RECORD_BUFFER_H
#define OOMSCOPE_RECORD_BUFFER_H

#include "events.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace oomscope
{

/* Records of bpf/events.h that user space makes, one behind the other. */
class RecordBuffer
{
public:
	/* A record of `Head`, whose `header` this fills in, and the entries behind it. */
	template <typename Head, typename Entry>
	void append(enum record_kind kind, uint64_t time_ns, Head head,
		    const std::vector<Entry> &entries)
	{
		static_assert(sizeof(Head) % 8 == 0 && sizeof(Entry) % 8 == 0);
		const size_t entries_bytes = entries.size() * sizeof(Entry);
		head.header.kind = kind;
		head.header.size = static_cast<uint32_t>(sizeof(Head) + entries_bytes);
		head.header.time_ns = time_ns;
		head.header.episode_ns = 0;
		add(&head, sizeof(Head));
		add(entries.data(), entries_bytes);
	}

	const std::vector<uint8_t> &bytes() const
	{
		return bytes_;
	}
	void clear()
	{
		bytes_.clear();
	}

private:
	void add(const void *from, size_t bytes)
	{
		const auto *begin = static_cast<const uint8_t *>(from);
		bytes_.insert(bytes_.end(), begin, begin + bytes);
	}

	std::vector<uint8_t> bytes_;
};

} /* namespace oomscope */

#endif
