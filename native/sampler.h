/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_SAMPLER_H
#define OOMSCOPE_SAMPLER_H

#include "watched_cgroups.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace oomscope
{

/*
 * One thread that looks at the memory of cgroups and of the node: each second while all is calm, each 10 ms at those cgroups
 * that are under pressure. What it finds becomes records, which go to the consumer with those of the rings.
 *
 * A thread beside the reader's: reading files can wait for locks of the kernel and for memory itself, and a kill must not
 * wait for that.
 *
 * Threads: `offer` is called on the sampling thread, every public function belongs to the consumer's thread.
 */
class Sampler
{
public:
	struct Options {
		/* Whose programs are used where it has them. */
		std::shared_ptr<ProgramSet> set;
		CgroupVersion version;
		/* Of the hierarchy with the memory controller; empty = there is none. */
		std::string cgroup_root;
		/* Reads all cgroups as often as that; 0 = adapts. */
		std::chrono::nanoseconds pinned_interval;
		/* Takes records, one after the other; false = the consumer is too slow, they are dropped. */
		std::function<bool(const std::vector<uint8_t> &)> offer;
	};

	/* Starts the thread. Throws KernelError. */
	explicit Sampler(Options options);
	~Sampler();

	/* A cgroup is there: `directory` has its files. */
	void watch_cgroup(uint64_t id, std::string directory);
	void forget_cgroup(uint64_t id);
	void stop();

private:
	using TimePoint = SampleClock::time_point;

	struct Command {
		uint64_t id;
		/* Empty = forget it. */
		std::string directory;
	};

	void run();
	/* Returns how many ticks have come due. */
	uint64_t wait();
	void tick(uint64_t ticks_due);
	void apply_commands();
	void set_interval(std::chrono::nanoseconds interval);
	std::chrono::nanoseconds wanted_interval(TimePoint now) const;
	void read_pressure(TimePoint now);
	void add_samples(uint64_t time_ns, uint64_t ticks_missed);
	void add_stats(uint64_t time_ns);
	void add_node(uint64_t time_ns);
	void add_pressure(uint64_t time_ns);

	const Options options_;
	UniqueFd timer_fd_, wake_fd_, epoll_fd_;
	std::unique_ptr<CgroupWalk> walk_;
	WatchedCgroups cgroups_;
	NodeFiles node_files_;
	const struct activity *activity_ = nullptr;

	std::chrono::nanoseconds interval_{0};
	/* When all cgroups, hot ones' files, and all files are due. */
	TimePoint walk_at_{}, fine_at_{}, stats_at_{};
	uint64_t last_tick_ns_ = 0;
	uint64_t dropped_ticks_ = 0;
	/* None that there can be: the first round tells the sums in any case, for what grows from there. */
	uint64_t pressure_changes_ = UINT64_MAX;
	std::vector<pressure_entry> pressure_;
	std::vector<uint64_t> pressure_keys_;
	std::vector<cgroup_pressure> pressure_values_;
	bool pressure_news_ = false;
	RecordBuffer records_;

	std::mutex mutex_; /* guards commands_ */
	std::vector<Command> commands_;
	std::atomic<bool> stopping_ = false;
	std::thread thread_;
};

} /* namespace oomscope */

#endif
