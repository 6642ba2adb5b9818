/* SPDX-License-Identifier: Apache-2.0 */
#include "sampler.h"

#include "error.h"
#include "host.h"
#include "signals_blocked.h"

#include <bpf/bpf.h>
#include <cerrno>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <utility>

namespace oomscope
{

namespace
{

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds CALM = 1s;
constexpr nanoseconds HOT = 10ms;
/* Without the walk each cgroup costs several reads of files. */
constexpr nanoseconds HOT_FROM_FILES = 100ms;
/* Files of hot cgroups and of the node, and the sums of the hooks, while something is hot. */
constexpr nanoseconds FINE = 100ms;
/* For the breakdowns of one round, which are the dearest part. */
constexpr nanoseconds STATS_TIME_CALM = 20ms, STATS_TIME_FINE = 5ms;
constexpr uint32_t PRESSURE_MAX = 4096;

struct timespec to_timespec(nanoseconds duration)
{
	const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
	return {seconds.count(), (duration - seconds).count()};
}

} /* namespace */

Sampler::Sampler(Options options)
    : options_(std::move(options)),
      timer_fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      walk_(CgroupWalk::open(options_.set)), cgroups_(walk_.get(), options_.version),
      node_files_(options_.version, options_.cgroup_root)
{
	const auto watch = [this](int fd, uint32_t events) {
		struct epoll_event event = {events, {}};
		if (epoll_ctl(epoll_fd_.get(), EPOLL_CTL_ADD, fd, &event))
			throw KernelError(errno, "creating the sampler's clock");
	};
	watch(timer_fd_.get(), EPOLLIN);
	watch(wake_fd_.get(), EPOLLIN);
	/* Programs wake through this ring; the reader reads it. */
	if (walk_)
		watch(options_.set->bulk_fd(), EPOLLIN | EPOLLET);
	const int activity_fd = options_.set->optional_map_fd("activity");
	if (activity_fd >= 0) {
		void *memory = mmap(nullptr, sizeof(struct activity), PROT_READ, MAP_SHARED,
				    activity_fd, 0);
		if (memory == MAP_FAILED)
			throw KernelError(errno, "mapping the node's activity");
		activity_ = static_cast<const struct activity *>(memory);
	}
	pressure_keys_.resize(PRESSURE_MAX);
	pressure_values_.resize(PRESSURE_MAX);
	SignalsBlocked blocked;
	thread_ = std::thread([this] { run(); });
	pthread_setname_np(thread_.native_handle(), "oomscope-sample");
}

Sampler::~Sampler()
{
	stop();
	if (activity_)
		munmap(const_cast<struct activity *>(activity_), sizeof(*activity_));
}

void Sampler::stop()
{
	stopping_ = true;
	eventfd_write(wake_fd_.get(), 1);
	if (thread_.joinable())
		thread_.join();
}

void Sampler::watch_cgroup(uint64_t id, std::string directory)
{
	const std::lock_guard lock(mutex_);
	commands_.push_back({id, std::move(directory)});
}

void Sampler::forget_cgroup(uint64_t id)
{
	watch_cgroup(id, {});
}

void Sampler::apply_commands()
{
	std::vector<Command> commands;
	{
		const std::lock_guard lock(mutex_);
		std::swap(commands, commands_);
	}
	for (Command &command : commands) {
		if (command.directory.empty())
			cgroups_.remove(command.id);
		else
			cgroups_.add(command.id, std::move(command.directory));
	}
}

void Sampler::run()
{
	tick(1);
	while (!stopping_) {
		const uint64_t due = wait();
		if (stopping_)
			return;
		if (due > 0)
			tick(due);
	}
}

uint64_t Sampler::wait()
{
	struct epoll_event events[4];
	epoll_wait(epoll_fd_.get(), events, 4, -1);
	uint64_t due = 0;
	if (read(timer_fd_.get(), &due, sizeof(due)) != sizeof(due))
		due = 0;
	/* Pressure: a look before its time. */
	if (due == 0 && walk_ && interval_ > HOT && options_.pinned_interval == 0ns &&
	    walk_->was_woken()) {
		walk_at_ = {};
		due = 1;
	}
	return due;
}

void Sampler::set_interval(nanoseconds interval)
{
	interval_ = interval;
	const struct itimerspec times = {to_timespec(interval), to_timespec(interval)};
	timerfd_settime(timer_fd_.get(), 0, &times, nullptr);
}

nanoseconds Sampler::wanted_interval(TimePoint now) const
{
	if (options_.pinned_interval > 0ns)
		return options_.pinned_interval;
	if (!cgroups_.any_hot(now))
		return CALM;
	return walk_ ? HOT : HOT_FROM_FILES;
}

void Sampler::tick(uint64_t ticks_due)
{
	const auto now = SampleClock::now();
	const auto time_ns = static_cast<uint64_t>(read_clocks().boot_ns);
	const uint64_t missed = ticks_due - 1 + dropped_ticks_;
	apply_commands();
	records_.clear();

	const bool pinned = options_.pinned_interval > 0ns;
	/* A tick comes a little late or early: what is due in it must not wait for the next. */
	const auto soon = now + interval_ / 2;
	const bool all = pinned || soon >= walk_at_;
	const bool all_stats = soon >= stats_at_;
	const bool fine = all_stats || soon >= fine_at_;
	if (all) {
		walk_at_ = now + CALM;
		if (!cgroups_.read_all(now))
			cgroups_.forget_told();
	} else {
		cgroups_.read_hot(now);
	}
	if (fine) {
		fine_at_ = now + FINE;
		read_pressure(now);
	}
	if (all_stats)
		stats_at_ = now + CALM;
	const uint64_t before_interval_ns = static_cast<uint64_t>(interval_.count());
	const nanoseconds wanted = wanted_interval(now);
	if (wanted != interval_)
		set_interval(wanted);
	/* Also when there is nothing but a new pace to tell. */
	const bool changes_pace = static_cast<uint64_t>(interval_.count()) != before_interval_ns;
	if (!cgroups_.samples().empty() || cgroups_.is_full() || missed > 0 || changes_pace) {
		struct sample_record head = {};
		head.kind = cgroups_.is_full() ? SAMPLE_FULL : SAMPLE_DELTA;
		head.count = static_cast<uint32_t>(cgroups_.samples().size());
		head.cgroups_read = cgroups_.samples_read();
		head.cgroups_refused = cgroups_.refused();
		head.interval_ns = static_cast<uint64_t>(interval_.count());
		head.ticks_missed = missed;
		head.before_ns = last_tick_ns_;
		head.before_interval_ns = before_interval_ns;
		records_.append(RECORD_SAMPLE, time_ns, head, cgroups_.samples());
	}
	last_tick_ns_ = time_ns;
	if (fine) {
		const nanoseconds time = all_stats ? STATS_TIME_CALM : STATS_TIME_FINE;
		cgroups_.read_stats(now, now + time, !all_stats);
		add_stats(time_ns);
		add_pressure(time_ns);
		add_node(time_ns);
	}
	if (walk_ && interval_ > HOT)
		walk_->want_wake();
	if (options_.offer(records_.bytes())) {
		dropped_ticks_ = 0;
		return;
	}
	/* The next tick that finds room tells everything again. */
	dropped_ticks_ = missed + 1;
	cgroups_.forget_told();
	walk_at_ = {};
}

void Sampler::read_pressure(TimePoint now)
{
	const int fd = options_.set->optional_map_fd("pressure");
	pressure_news_ = false;
	if (fd < 0 || !activity_)
		return;
	const uint64_t changes = __atomic_load_n(&activity_->changes, __ATOMIC_ACQUIRE);
	if (changes == pressure_changes_)
		return;
	pressure_changes_ = changes;
	pressure_news_ = true;
	uint64_t position = 0;
	uint32_t count = PRESSURE_MAX;
	/* ENOENT = that was all. */
	if (bpf_map_lookup_batch(fd, nullptr, &position, pressure_keys_.data(),
				 pressure_values_.data(), &count, nullptr) &&
	    errno != ENOENT)
		return;
	pressure_.clear();
	for (uint32_t i = 0; i < count; i++) {
		pressure_.push_back({pressure_keys_[i], pressure_values_[i]});
		/* Sums of cgroups that are gone make room, when it is needed: this is the last word of them. */
		if (count > PRESSURE_MAX / 2 && !cgroups_.knows(pressure_keys_[i]))
			bpf_map_delete_elem(fd, &pressure_keys_[i]);
	}
	cgroups_.note_pressure(pressure_, now);
}

void Sampler::add_pressure(uint64_t time_ns)
{
	if (!pressure_news_)
		return;
	struct pressure_record head = {};
	head.count = static_cast<uint32_t>(pressure_.size());
	records_.append(RECORD_PRESSURE, time_ns, head, pressure_);
}

void Sampler::add_stats(uint64_t time_ns)
{
	if (cgroups_.stats().empty())
		return;
	struct stat_record head = {};
	head.count = static_cast<uint32_t>(cgroups_.stats().size());
	records_.append(RECORD_STAT, time_ns, head, cgroups_.stats());
}

void Sampler::add_node(uint64_t time_ns)
{
	struct node_record node = {};
	node_files_.read(node);
	if (activity_) {
		const Fields fields{node.values, &node.present};
		fields.set(NODE_KSWAPD_RUNS, activity_->kswapd_runs);
		fields.set(NODE_KSWAPD_NS, activity_->kswapd_ns);
	}
	records_.append(RECORD_NODE, time_ns, node, std::vector<uint64_t>{});
}

} /* namespace oomscope */
