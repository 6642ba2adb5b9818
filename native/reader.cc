/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include "error.h"
#include "host.h"
#include "events.h"
#include "signals_blocked.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace oomscope
{

namespace
{

constexpr size_t FULL_BYTES = 1 << 20;
/* Above it only the rings may fill the buffer: what can be read again later has to wait. */
constexpr size_t OFFERS_BYTES = FULL_BYTES / 2;
constexpr auto TICK = std::chrono::seconds(1);
/* A kill is handed over at once; anything else may wait this long for company. */
constexpr auto LINGER = std::chrono::milliseconds(5);

int milliseconds_until(std::chrono::steady_clock::time_point when)
{
	const auto left = std::chrono::ceil<std::chrono::milliseconds>(
		when - std::chrono::steady_clock::now());
	return static_cast<int>(std::max<int64_t>(0, left.count()));
}

} /* namespace */

Reader::Reader(Options options)
    : timeout_ns_(options.timeout_ns), notify_(std::move(options.notify)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      sets_(std::move(options.sets))
{
	struct epoll_event wake_up = {EPOLLIN | EPOLLET, {}};
	if (!wake_fd_ || !epoll_fd_ ||
	    epoll_ctl(epoll_fd_.get(), EPOLL_CTL_ADD, wake_fd_.get(), &wake_up))
		throw KernelError(errno, "creating the reader's wake-up");
	for (const auto &set : sets_)
		watch(*set, EPOLL_CTL_ADD);
	/* Room beforehand: growing a buffer is what a host without memory is bad at. */
	pending_.reserve(2 * FULL_BYTES);
	taken_.reserve(2 * FULL_BYTES);
	beat();
	SignalsBlocked blocked;
	thread_ = std::thread([this] { run(); });
	pthread_setname_np(thread_.native_handle(), "oomscope-reader");
}

Reader::~Reader()
{
	stop();
}

bool Reader::offer(const std::vector<uint8_t> &records)
{
	const std::lock_guard lock(mutex_);
	if (pending_.size() + records.size() > OFFERS_BYTES)
		return false;
	if (records.empty())
		return true;
	pending_.insert(pending_.end(), records.begin(), records.end());
	wake();
	return true;
}

Reader::Delivery Reader::take()
{
	const std::lock_guard lock(mutex_);
	taken_.clear();
	std::swap(taken_, pending_);
	taken_until_.clear();
	for (const auto &set : sets_)
		taken_until_.push_back({set, set->kills.read_position(),
					set->ballot.read_position(), set->bulk.read_position()});
	return {taken_, std::exchange(losses_, {})};
}

void Reader::done(bool settled)
{
	const std::lock_guard lock(mutex_);
	const auto release = [settled](Ring &ring, uint64_t until) {
		if (settled || ring.is_half_held())
			ring.release(until);
	};
	for (const Taken &taken : taken_until_) {
		release(taken.set->kills, taken.kills);
		release(taken.set->ballot, taken.ballot);
		release(taken.set->bulk, taken.bulk);
	}
	notified_ = false;
	/* Also for records that came while the ring's end was not where the kernel looks before it wakes us. */
	wake();
}

void Reader::retire(const std::shared_ptr<ProgramSet> &set)
{
	const std::lock_guard lock(mutex_);
	const auto found = std::find(sets_.begin(), sets_.end(), set);
	if (found == sets_.end())
		return;
	drain_round();
	collect_loss();
	watch(*set, EPOLL_CTL_DEL);
	sets_.erase(found);
	wake();
}

void Reader::stop()
{
	{
		const std::lock_guard lock(mutex_);
		stopping_ = true;
		wake();
	}
	if (!thread_.joinable())
		return;
	thread_.join();
	drain_round();
	collect_loss();
}

void Reader::run()
{
	auto next_tick = Clock::now() + TICK;
	auto flush_at = Clock::time_point::max();
	for (;;) {
		wait(next_tick, flush_at);

		std::unique_lock lock(mutex_);
		if (stopping_)
			return;
		bool urgent = !is_full() && drain_round();
		const auto now = Clock::now();
		if (now >= next_tick) {
			beat();
			collect_loss();
			urgent |= !losses_.empty();
			next_tick = now + TICK;
		}
		if (urgent)
			flush_at = now;
		else if (!pending_.empty())
			flush_at = std::min(flush_at, now + LINGER);
		if (notified_ || now < flush_at)
			continue;
		flush_at = Clock::time_point::max();
		if (pending_.empty() && losses_.empty())
			continue;
		notified_ = true;
		lock.unlock();
		notify_();
	}
}

bool Reader::is_full() const
{
	return pending_.size() >= FULL_BYTES;
}

bool Reader::drain_round()
{
	std::vector<uint64_t> kills_until(sets_.size());
	for (size_t i = sets_.size(); i-- > 0;)
		kills_until[i] = sets_[i]->kills.producer_position();
	size_t kills_bytes = 0;
	for (size_t i = 0; i < sets_.size(); i++) {
		ProgramSet &set = *sets_[i];
		const size_t before = pending_.size();
		set.kills.drain(kills_until[i], pending_);
		kills_bytes += pending_.size() - before;
		set.ballot.drain(set.ballot.producer_position(), pending_);
		set.bulk.drain(set.bulk.producer_position(), pending_);
	}
	return kills_bytes > 0;
}

void Reader::collect_loss()
{
	for (const auto &set : sets_) {
		uint64_t *reported = set->reported();
		bool any = false;
		const auto grown = [&](std::vector<uint64_t> counters) {
			for (uint64_t &counter : counters) {
				const uint64_t now = counter;
				/* A reader that was killed may have told of more than a program that was replaced. */
				counter = now > *reported ? now - *reported : 0;
				any |= counter > 0;
				*reported++ = now;
			}
			return counters;
		};
		std::vector<uint64_t> words = grown(set->loss_words());
		std::vector<uint64_t> misses = grown(set->run_misses());
		if (any)
			losses_.push_back({set, std::move(words), std::move(misses)});
	}
}

void Reader::beat()
{
	const auto now_ns = static_cast<uint64_t>(read_clocks().boot_ns);
	for (const auto &set : sets_) {
		struct control *control = set->control();
		__atomic_store_n(&control->reader_beat_ns, now_ns, __ATOMIC_RELEASE);
		__atomic_store_n(&control->reader_timeout_ns, timeout_ns_, __ATOMIC_RELEASE);
	}
}

void Reader::wake()
{
	/* Cannot fail but by a counter that is full, and then the thread is awake. */
	eventfd_write(wake_fd_.get(), 1);
}

/*
 * Edge-triggered: what was read is not given back at once, so a ring would count as readable all the time. Each wake-up by
 * the programs is told once, and then everything is drained; they wake for whatever should not wait for the next tick.
 */
void Reader::watch(const ProgramSet &set, int operation)
{
	for (const int ring_fd : {set.kills_fd(), set.ballot_fd(), set.bulk_fd()}) {
		struct epoll_event readable = {EPOLLIN | EPOLLET, {}};
		if (epoll_ctl(epoll_fd_.get(), operation, ring_fd, &readable))
			throw KernelError(errno, "watching a ring");
	}
}

void Reader::wait(Clock::time_point next_tick, Clock::time_point flush_at)
{
	auto until = next_tick;
	{
		const std::lock_guard lock(mutex_);
		/* While the consumer is busy there is nobody to flush to: done() wakes it. */
		if (!notified_)
			until = std::min(next_tick, flush_at);
	}
	struct epoll_event events[8];
	epoll_wait(epoll_fd_.get(), events, 8, milliseconds_until(until));
	eventfd_t ignored;
	eventfd_read(wake_fd_.get(), &ignored);
}

} /* namespace oomscope */
