/* SPDX-License-Identifier: Apache-2.0 */
#include "watched_cgroups.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace oomscope
{

namespace
{

using namespace std::chrono_literals;

/* Hysteresis: pressure comes in waves. */
constexpr auto HOT_FOR = 2s;
/* An idle cgroup's breakdown shifts too, if slowly: pages age from active to inactive. */
constexpr auto STAT_AT_LEAST_EVERY = 30s;
/* What a page-in now and then costs is no pressure. */
constexpr uint64_t HOT_STALL_NS = 1'000'000;
constexpr uint64_t HOT_PSI_US = 1'000;
/* Files take some ten times as long as a walk does: this much of a second for all of them. */
constexpr auto FILES_TIME = 20ms;
constexpr uint64_t LIMIT_PARTS = 10, NEAR_PARTS = 9;

bool is_near(uint64_t usage_pages, uint64_t limit_pages, bool unlimited)
{
	return !unlimited && usage_pages * LIMIT_PARTS >= limit_pages * NEAR_PARTS;
}

bool is_near_a_limit(const struct cgroup_sample &sample, uint64_t usage_pages)
{
	return is_near(usage_pages, sample.max_pages, sample.flags & SAMPLE_MAX_UNLIMITED) ||
	       is_near(usage_pages, sample.high_pages,
		       sample.flags & (SAMPLE_HIGH_UNLIMITED | SAMPLE_NO_HIGH_LOW_MIN));
}

} /* namespace */

WatchedCgroups::WatchedCgroups(CgroupWalk *walk, CgroupVersion version)
    : walk_(walk), version_(version), page_bytes_(static_cast<uint64_t>(sysconf(_SC_PAGESIZE)))
{
}

void WatchedCgroups::add(uint64_t id, std::string directory)
{
	Cgroup &cgroup = cgroups_[id];
	cgroup.directory = std::move(directory);
	cgroup.files.reset();
}

void WatchedCgroups::remove(uint64_t id)
{
	cgroups_.erase(id);
}

bool WatchedCgroups::knows(uint64_t id) const
{
	const auto found = cgroups_.find(id);
	return found != cgroups_.end() && (!walk_ || found->second.walk == walk_number_);
}

bool WatchedCgroups::any_hot(SampleClock::time_point now) const
{
	return now < hot_until_;
}

void WatchedCgroups::heat(Cgroup &cgroup, SampleClock::time_point now)
{
	cgroup.hot_until = now + HOT_FOR;
	cgroup.has_stat_news = true;
	hot_until_ = std::max(hot_until_, cgroup.hot_until);
}

void WatchedCgroups::forget_told()
{
	tell_all_ = true;
}

uint32_t WatchedCgroups::samples_read() const
{
	return samples_read_;
}

uint32_t WatchedCgroups::refused() const
{
	return walk_ ? walk_->slots_refused() : 0;
}

const std::vector<cgroup_sample> &WatchedCgroups::samples() const
{
	return samples_;
}

const std::vector<cgroup_stat> &WatchedCgroups::stats() const
{
	return stats_;
}

bool WatchedCgroups::is_full() const
{
	return full_;
}

bool WatchedCgroups::read_all(SampleClock::time_point now)
{
	samples_.clear();
	samples_read_ = 0;
	full_ = tell_all_;
	if (!walk_) {
		read_all_from_files(now);
		tell_all_ = false;
		return true;
	}
	if (!walk_->walk()) {
		full_ = false;
		return false;
	}
	walk_number_++;
	for (uint32_t i = 0; i < walk_->slots_used(); i++) {
		const struct cgroup_slot &slot = walk_->slot(i);
		Cgroup &cgroup = cgroups_[slot.sample.cgroup_id];
		cgroup.slot = i;
		cgroup.walk = walk_number_;
		predict_ = true;
		take_slot(slot, cgroup, now);
		cgroup.usage_pages = slot.sample.usage_pages;
		cgroup.was_read = true;
	}
	predict_ = false;
	tell_all_ = false;
	/* What is gone. Those with a directory go when the consumer says so: its name may come before its counters. */
	for (auto it = cgroups_.begin(); it != cgroups_.end();) {
		const bool gone = it->second.walk != walk_number_ && it->second.directory.empty();
		it = gone ? cgroups_.erase(it) : std::next(it);
	}
	return true;
}

void WatchedCgroups::read_all_from_files(SampleClock::time_point now)
{
	const auto deadline = now + FILES_TIME;
	/* The longest unread first, so that each has its turn where there is not time for all. */
	std::vector<std::pair<uint64_t, Cgroup *>> waiting;
	for (auto &[id, cgroup] : cgroups_)
		waiting.push_back({id, &cgroup});
	std::sort(waiting.begin(), waiting.end(),
		  [](const auto &a, const auto &b) { return a.second->walk < b.second->walk; });
	walk_number_++;
	for (const auto &[id, cgroup] : waiting) {
		if (!tell_all_ && SampleClock::now() > deadline)
			break;
		cgroup->walk = walk_number_;
		predict_ = true;
		if (!read_from_files(id, *cgroup, now))
			cgroup->files.reset();
		predict_ = false;
		cgroup->usage_pages = cgroup->told.usage_pages;
		cgroup->was_read = true;
	}
}

void WatchedCgroups::read_hot(SampleClock::time_point now)
{
	samples_.clear();
	samples_read_ = 0;
	full_ = false;
	std::vector<uint32_t> slots;
	std::vector<std::pair<uint64_t, Cgroup *>> hot;
	for (auto &[id, cgroup] : cgroups_) {
		if (cgroup.hot_until <= now || !cgroup.was_read)
			continue;
		hot.push_back({id, &cgroup});
		slots.push_back(cgroup.slot);
	}
	if (!walk_) {
		for (const auto &[id, cgroup] : hot)
			read_from_files(id, *cgroup, now);
		return;
	}
	if (slots.size() > OOMSCOPE_HOT_MAX)
		slots.resize(OOMSCOPE_HOT_MAX);
	if (slots.empty() || !walk_->read_again(slots))
		return;
	for (size_t i = 0; i < slots.size(); i++) {
		const struct cgroup_slot &slot = walk_->slot(slots[i]);
		if (slot.address && slot.sample.cgroup_id == hot[i].first)
			take_slot(slot, *hot[i].second, now);
	}
}

bool WatchedCgroups::read_from_files(uint64_t id, Cgroup &cgroup, SampleClock::time_point now)
{
	CgroupFiles *files = files_of(cgroup);
	struct cgroup_sample sample = {};
	sample.cgroup_id = id;
	if (!files || !files->read_sample(sample, page_bytes_))
		return false;
	take_sample(sample, cgroup, now, predict_);
	return true;
}

void WatchedCgroups::take_slot(const struct cgroup_slot &slot, Cgroup &cgroup,
			       SampleClock::time_point now)
{
	/* Of the cgroup itself: those of its descendants make them hot and not it. */
	const uint64_t limit_events = slot.events_local[2] + slot.events_local[3];
	if (cgroup.was_read && limit_events > cgroup.limit_events)
		heat(cgroup, now);
	cgroup.limit_events = limit_events;
	take_sample(slot.sample, cgroup, now, predict_);
}

void WatchedCgroups::take_sample(const struct cgroup_sample &sample, Cgroup &cgroup,
				 SampleClock::time_point now, bool predict)
{
	samples_read_++;
	const bool moved = cgroup.was_read && sample.usage_pages != cgroup.told.usage_pages;
	/* What was not there at the last walk has all of its usage from since then. */
	const bool knows_growth = predict && (cgroup.was_read || (walk_ && walk_number_ > 1));
	const bool grew = knows_growth && sample.usage_pages > cgroup.usage_pages;
	/* A second more of the same growth: else a fast leak is over before the next look. */
	const uint64_t ahead =
		sample.usage_pages + (grew ? sample.usage_pages - cgroup.usage_pages : 0);
	/* A cache that has filled its limit and rests there is no pressure. */
	if ((moved || grew) && is_near_a_limit(sample, ahead))
		heat(cgroup, now);
	const bool changed = !cgroup.was_told || memcmp(&sample, &cgroup.told, sizeof(sample)) != 0;
	cgroup.has_stat_news |= changed;
	if (!changed && !tell_all_)
		return;
	cgroup.told = sample;
	cgroup.was_told = true;
	samples_.push_back(sample);
}

void WatchedCgroups::note_pressure(const std::vector<pressure_entry> &sums,
				   SampleClock::time_point now)
{
	for (const struct pressure_entry &entry : sums) {
		const auto found = cgroups_.find(entry.cgroup_id);
		if (found == cgroups_.end())
			continue;
		Cgroup &cgroup = found->second;
		const struct cgroup_pressure &sum = entry.pressure;
		if (sum.stall_ns > cgroup.stall_ns + HOT_STALL_NS ||
		    sum.reclaims > cgroup.reclaims || sum.throttles > cgroup.throttles)
			heat(cgroup, now);
		cgroup.stall_ns = sum.stall_ns;
		cgroup.reclaims = sum.reclaims;
		cgroup.throttles = sum.throttles;
	}
}

void WatchedCgroups::read_stats(SampleClock::time_point now, SampleClock::time_point deadline,
				bool hot_only)
{
	stats_.clear();
	std::vector<std::pair<uint64_t, Cgroup *>> waiting;
	for (auto &[id, cgroup] : cgroups_) {
		const bool wanted = hot_only ? cgroup.hot_until > now
					     : cgroup.has_stat_news ||
						       now >= cgroup.stat_at + STAT_AT_LEAST_EVERY;
		if (wanted && cgroup.was_read)
			waiting.push_back({id, &cgroup});
	}
	std::sort(waiting.begin(), waiting.end(), [](const auto &a, const auto &b) {
		return a.second->stat_at < b.second->stat_at;
	});
	for (const auto &[id, cgroup] : waiting) {
		if (SampleClock::now() > deadline)
			return;
		read_stat(id, *cgroup, now);
	}
}

void WatchedCgroups::read_stat(uint64_t id, Cgroup &cgroup, SampleClock::time_point now)
{
	CgroupFiles *files = files_of(cgroup);
	cgroup.stat_at = now;
	cgroup.has_stat_news = false;
	if (!files)
		return;
	struct cgroup_stat stat = {};
	stat.cgroup_id = id;
	const bool events_from_walk = walk_ && version_ == CgroupVersion::V2;
	files->read_stat(stat, !events_from_walk);
	if (events_from_walk && cgroup.walk == walk_number_) {
		const struct cgroup_slot &slot = walk_->slot(cgroup.slot);
		const Fields fields{stat.values, &stat.present};
		for (int i = 0; i < 6; i++) {
			fields.set(STAT_EVENT_LOW + i, slot.events[i]);
			fields.set(STAT_LOCAL_LOW + i, slot.events_local[i]);
		}
	}
	const uint64_t psi_us = stat.values[STAT_PSI_SOME_US];
	if (cgroup.psi_us && psi_us > cgroup.psi_us + HOT_PSI_US)
		heat(cgroup, now);
	cgroup.psi_us = psi_us;
	if (stat.present)
		stats_.push_back(stat);
}

CgroupFiles *WatchedCgroups::files_of(Cgroup &cgroup)
{
	if (!cgroup.files && !cgroup.directory.empty())
		cgroup.files = std::make_unique<CgroupFiles>(version_, cgroup.directory);
	return cgroup.files.get();
}

} /* namespace oomscope */
