/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup_walk.h"

#include "error.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <sys/mman.h>
#include <utility>

namespace oomscope
{

namespace
{

constexpr char ITERATOR[] = "iter_cgroup";
constexpr char READ_HOT[] = "read_hot";

template <typename T> T *map_values(int fd, size_t bytes, int protection)
{
	void *memory = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		throw KernelError(errno, "mapping the cgroups' counters");
	return static_cast<T *>(memory);
}

} /* namespace */

std::unique_ptr<CgroupWalk> CgroupWalk::open(std::shared_ptr<ProgramSet> set)
{
	if (set->link_fd(ITERATOR) < 0 || set->program_fd(READ_HOT) < 0 ||
	    set->optional_map_fd("sampler") < 0 || set->optional_map_fd("cgroup_slots") < 0)
		return nullptr;
	return std::unique_ptr<CgroupWalk>(new CgroupWalk(std::move(set)));
}

CgroupWalk::CgroupWalk(std::shared_ptr<ProgramSet> set)
    : set_(std::move(set)), iterator_link_fd_(set_->link_fd(ITERATOR)),
      read_hot_fd_(set_->program_fd(READ_HOT))
{
	const int slots_fd = set_->optional_map_fd("cgroup_slots");
	struct bpf_map_info facts = {};
	uint32_t size = sizeof(facts);
	if (bpf_obj_get_info_by_fd(slots_fd, &facts, &size))
		throw KernelError(errno, "reading a map's size");
	if (facts.value_size != sizeof(struct cgroup_slot))
		throw KernelError(EINVAL, "the map of cgroups has another layout");
	capacity_ = facts.max_entries;
	state_ = map_values<struct sampler_state>(set_->optional_map_fd("sampler"),
						  sizeof(struct sampler_state),
						  PROT_READ | PROT_WRITE);
	slots_ = map_values<const struct cgroup_slot>(
		slots_fd, capacity_ * sizeof(struct cgroup_slot), PROT_READ);
}

CgroupWalk::~CgroupWalk()
{
	munmap(state_, sizeof(*state_));
	munmap(const_cast<struct cgroup_slot *>(slots_), capacity_ * sizeof(*slots_));
}

bool CgroupWalk::walk()
{
	const UniqueFd iterator(bpf_iter_create(iterator_link_fd_));
	if (!iterator)
		return false;
	state_->slots_used = 0;
	state_->slots_refused = 0;
	/* The program writes nothing here: one read is the whole walk, and returns 0. */
	char nothing[8];
	ssize_t bytes;
	do
		bytes = read(iterator.get(), nothing, sizeof(nothing));
	while (bytes > 0 || (bytes < 0 && (errno == EINTR || errno == EAGAIN)));
	used_ = std::min(state_->slots_used, capacity_);
	return bytes == 0;
}

bool CgroupWalk::read_again(const std::vector<uint32_t> &slots)
{
	const size_t count = std::min<size_t>(slots.size(), OOMSCOPE_HOT_MAX);
	std::copy_n(slots.begin(), count, state_->hot_slots);
	state_->hot_count = static_cast<uint32_t>(count);
	LIBBPF_OPTS(bpf_test_run_opts, run);
	return bpf_prog_test_run_opts(read_hot_fd_, &run) == 0;
}

uint32_t CgroupWalk::slots_used() const
{
	return used_;
}

uint32_t CgroupWalk::slots_refused() const
{
	return state_->slots_refused;
}

const struct cgroup_slot &CgroupWalk::slot(uint32_t index) const
{
	return slots_[index];
}

void CgroupWalk::want_wake()
{
	__atomic_store_n(&state_->wake_wanted, 1, __ATOMIC_RELEASE);
}

bool CgroupWalk::was_woken() const
{
	return __atomic_load_n(&state_->wake_wanted, __ATOMIC_ACQUIRE) == 0;
}

} /* namespace oomscope */
