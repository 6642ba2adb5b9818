/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_READER_H
#define OOMSCOPE_READER_H

#include "program_set.h"
#include "unique_fd.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace oomscope
{

/* What one set lost since the last time it was told. */
struct SetLoss {
	std::shared_ptr<ProgramSet> set;
	std::vector<uint64_t> loss_words;
	std::vector<uint64_t> run_misses; /* as set->program_names() */
};

/*
 * One thread that drains the rings of one or more program sets into one buffer, beats the heart that the programs look
 * at, and counts loss.
 *
 * Order. A round drains, per set, the ring `kills` first and `ballot` after it. The programs commit an episode's end to
 * `kills` after its last candidate went to `ballot`: so when a round reads an end, the drain of `ballot` that follows
 * reads all candidates of it, and since a consumer always gets whole rounds, the end and its candidates are in the same
 * batch, or the candidates in an earlier one. The assembler of episodes relies on this.
 * Sets come oldest first. The newest set's limit is taken before the older one's: a record of the newer set that is read
 * was committed after the hand-over, hence after everything that the older one recorded before it.
 *
 * Killed. What was handed out is given back to the rings when the consumer says that it is settled, that is when its episodes
 * are whole. A process that is killed before leaves it for the next one: the OOM killer may choose us, and that kill is the
 * one to be told. The price: what was settled but not yet given back comes twice, a window of microseconds.
 *
 * Bounds. Above FULL_BYTES no ring is drained: the records wait in the kernel's rings, whose refusals are counted per
 * episode there. Dropping here would lose the same records without saying whose they were. A round may pass the mark by
 * what the rings held.
 *
 * Threads: `notify` is called on the reader's thread, every public function but offer() belongs to the consumer's thread.
 */
class Reader
{
public:
	struct Options {
		std::vector<std::shared_ptr<ProgramSet>> sets; /* oldest first */
		/* The programs stop recording when no beat came for this long; 0 = never. */
		uint64_t timeout_ns;
		/* Asks the consumer to call take() and done() soon. Never called again before done(). */
		std::function<void()> notify;
	};

	/* Starts the thread. */
	explicit Reader(Options options);
	/* Stops the thread; what it read and nobody took is gone. */
	~Reader();

	struct Delivery {
		/* Records one after the other, each padded to 8 bytes. Valid until the next take(). */
		const std::vector<uint8_t> &records;
		std::vector<SetLoss> losses;
	};
	/* Everything read so far. */
	Delivery take();
	/*
	 * The consumer has dealt with what it took: it may be notified again. `settled`: nothing of it is half-told, so that
	 * the rings may forget it. They also forget when they are half full of it: room for new records comes first.
	 */
	void done(bool settled);
	/* Records from elsewhere, to go with the next delivery. False = no room. From any thread. */
	bool offer(const std::vector<uint8_t> &records);
	/* Drains a set for the last time and forgets it. */
	void retire(const std::shared_ptr<ProgramSet> &set);
	/* Joins the thread and drains the rings for the last time, for a last take() and done(). May be called again. */
	void stop();

private:
	using Clock = std::chrono::steady_clock;

	void run();
	void watch(const ProgramSet &set, int operation);
	bool is_full() const;
	/* True when a record came out of a `kills` ring. */
	bool drain_round();
	void collect_loss();
	void beat();
	void wake();
	void wait(Clock::time_point next_tick, Clock::time_point flush_at);

	const uint64_t timeout_ns_;
	const std::function<void()> notify_;
	UniqueFd wake_fd_, epoll_fd_;

	/* Guards all below. Held during a drain: a consumer waits for at most one round. */
	std::mutex mutex_;
	std::vector<std::shared_ptr<ProgramSet>> sets_;
	std::vector<uint8_t> pending_;
	std::vector<uint8_t> taken_;
	/* Up to where each ring was read when taken_ was. */
	struct Taken {
		std::shared_ptr<ProgramSet> set;
		uint64_t kills, ballot, bulk;
	};
	std::vector<Taken> taken_until_;
	std::vector<SetLoss> losses_;
	bool notified_ = false;
	bool stopping_ = false;

	std::thread thread_;
};

} /* namespace oomscope */

#endif
