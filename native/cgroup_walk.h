/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_CGROUP_WALK_H
#define OOMSCOPE_CGROUP_WALK_H

#include "program_set.h"
#include "events.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace oomscope
{

/* Reads the counters of cgroups through the programs of bpf/cgroup_walk.bpf.c. One thread has it. */
class CgroupWalk
{
public:
	/* Null = the set has no such programs. Throws KernelError. */
	static std::unique_ptr<CgroupWalk> open(std::shared_ptr<ProgramSet> set);
	~CgroupWalk();
	CgroupWalk(const CgroupWalk &) = delete;
	CgroupWalk &operator=(const CgroupWalk &) = delete;

	/* Reads all. False = the kernel did not let it, errno says why; the slots are those of the last walk then. */
	bool walk();
	/* Reads those slots of the last walk again, OOMSCOPE_HOT_MAX at most. */
	bool read_again(const std::vector<uint32_t> &slots);

	uint32_t slots_used() const;
	/* Cgroups that the last walk had no room for. */
	uint32_t slots_refused() const;
	const struct cgroup_slot &slot(uint32_t index) const;
	/* Asks to be woken by the ring `bulk` at the next sign of pressure. */
	void want_wake();
	/* True once the sign has come. */
	bool was_woken() const;

private:
	explicit CgroupWalk(std::shared_ptr<ProgramSet> set);

	std::shared_ptr<ProgramSet> set_;
	int iterator_link_fd_, read_hot_fd_;
	struct sampler_state *state_ = nullptr;
	const struct cgroup_slot *slots_ = nullptr;
	uint32_t capacity_ = 0;
	/* Shared with the programs, and theirs alone during a walk. */
	uint32_t used_ = 0;
};

} /* namespace oomscope */

#endif
