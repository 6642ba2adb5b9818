/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_WATCHED_CGROUPS_H
#define OOMSCOPE_WATCHED_CGROUPS_H

#include "cgroup_walk.h"
#include "memory_files.h"
#include "record_buffer.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace oomscope
{

using SampleClock = std::chrono::steady_clock;

/*
 * The memory cgroups that are there, what was last told of each, and which of them are hot: under pressure, or close to a
 * limit and moving. A cgroup stays hot for HOT_FOR after the last sign.
 *
 * Counters come through the walk where the kernel has it, else from files, as many as there is time for. Directories come
 * from the consumer, who knows names; a cgroup without one has samples and no breakdown. The sampling thread has it.
 */
class WatchedCgroups
{
public:
	/* `walk` may be null. */
	WatchedCgroups(CgroupWalk *walk, CgroupVersion version);

	void add(uint64_t id, std::string directory);
	void remove(uint64_t id);

	/* Reads all cgroups; what has changed since it was told is in samples(). False = the kernel refused. */
	bool read_all(SampleClock::time_point now);
	/* The same of hot ones alone. */
	void read_hot(SampleClock::time_point now);
	/* `sums`: of each cgroup that has any, ever growing. */
	void note_pressure(const std::vector<pressure_entry> &sums, SampleClock::time_point now);

	/* Everything is to be told again. */
	void forget_told();
	/* How many were read for samples(), changed or not. */
	uint32_t samples_read() const;
	/* Which the walk had no room for. */
	uint32_t refused() const;
	const std::vector<cgroup_sample> &samples() const;
	/* samples() hold all that there are. */
	bool is_full() const;

	/* Breakdowns of what has changed since the last time, the longest waiting first, until `deadline`; of hot ones only. */
	void read_stats(SampleClock::time_point now, SampleClock::time_point deadline,
			bool hot_only);
	const std::vector<cgroup_stat> &stats() const;

	bool any_hot(SampleClock::time_point now) const;
	/* Of the last walk. */
	bool knows(uint64_t id) const;

private:
	struct Cgroup {
		struct cgroup_sample told = {};
		bool was_told = false;
		uint64_t usage_pages = 0; /* when all were read last */
		bool was_read = false;
		uint64_t limit_events = 0;
		uint64_t stall_ns = 0, reclaims = 0, throttles = 0, psi_us = 0;
		uint32_t slot = 0;
		uint32_t walk = 0; /* the number of the walk that saw it last */
		bool has_stat_news = true;
		SampleClock::time_point hot_until{}, stat_at{};
		std::string directory;
		std::unique_ptr<CgroupFiles> files;
	};

	void read_all_from_files(SampleClock::time_point now);
	bool read_from_files(uint64_t id, Cgroup &cgroup, SampleClock::time_point now);
	void take_slot(const struct cgroup_slot &slot, Cgroup &cgroup, SampleClock::time_point now);
	/* `predict`: what it would come to in the next second decides as well. */
	void take_sample(const struct cgroup_sample &sample, Cgroup &cgroup,
			 SampleClock::time_point now, bool predict);
	void read_stat(uint64_t id, Cgroup &cgroup, SampleClock::time_point now);
	void heat(Cgroup &cgroup, SampleClock::time_point now);
	CgroupFiles *files_of(Cgroup &cgroup);

	CgroupWalk *const walk_;
	const CgroupVersion version_;
	const uint64_t page_bytes_;
	std::unordered_map<uint64_t, Cgroup> cgroups_;
	uint32_t walk_number_ = 0;
	bool predict_ = false;
	bool tell_all_ = true, full_ = false;
	uint32_t samples_read_ = 0;
	std::vector<cgroup_sample> samples_;
	std::vector<cgroup_stat> stats_;
	SampleClock::time_point hot_until_{};
};

} /* namespace oomscope */

#endif
