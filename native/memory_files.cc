/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_files.h"

#include <cstring>

namespace oomscope
{

namespace
{

const FieldOfKey STAT_V2 = {
	{"anon", STAT_ANON},
	{"file", STAT_FILE},
	{"active_file", STAT_ACTIVE_FILE},
	{"inactive_file", STAT_INACTIVE_FILE},
	{"file_mapped", STAT_MAPPED_FILE},
	{"file_dirty", STAT_DIRTY_FILE},
	{"file_writeback", STAT_WRITEBACK_FILE},
	{"shmem", STAT_SHMEM},
	{"kernel", STAT_KERNEL},
	{"slab_reclaimable", STAT_SLAB_RECLAIMABLE},
	{"slab_unreclaimable", STAT_SLAB_UNRECLAIMABLE},
	{"pagetables", STAT_PAGE_TABLES},
	{"sock", STAT_SOCK},
	{"unevictable", STAT_UNEVICTABLE},
	{"zswap", STAT_ZSWAP},
};

const FieldOfKey STAT_V1 = {
	{"total_rss", STAT_ANON},
	{"total_cache", STAT_FILE},
	{"total_active_file", STAT_ACTIVE_FILE},
	{"total_inactive_file", STAT_INACTIVE_FILE},
	{"total_mapped_file", STAT_MAPPED_FILE},
	{"total_dirty", STAT_DIRTY_FILE},
	{"total_writeback", STAT_WRITEBACK_FILE},
	{"total_shmem", STAT_SHMEM},
	{"total_unevictable", STAT_UNEVICTABLE},
	{"total_swap", STAT_SWAP},
};

const FieldOfKey EVENTS = {
	{"low", STAT_EVENT_LOW},	   {"high", STAT_EVENT_HIGH},
	{"max", STAT_EVENT_MAX},	   {"oom", STAT_EVENT_OOM},
	{"oom_kill", STAT_EVENT_OOM_KILL}, {"oom_group_kill", STAT_EVENT_OOM_GROUP_KILL},
};

const FieldOfKey EVENTS_LOCAL = {
	{"low", STAT_LOCAL_LOW},	   {"high", STAT_LOCAL_HIGH},
	{"max", STAT_LOCAL_MAX},	   {"oom", STAT_LOCAL_OOM},
	{"oom_kill", STAT_LOCAL_OOM_KILL}, {"oom_group_kill", STAT_LOCAL_OOM_GROUP_KILL},
};

const FieldOfKey OOM_CONTROL = {{"oom_kill", STAT_LOCAL_OOM_KILL}};

const FieldOfKey MEMINFO = {
	{"MemTotal", NODE_MEM_TOTAL},
	{"MemFree", NODE_MEM_FREE},
	{"MemAvailable", NODE_MEM_AVAILABLE},
	{"Buffers", NODE_BUFFERS},
	{"Cached", NODE_CACHED},
	{"Active(anon)", NODE_ACTIVE_ANON},
	{"Inactive(anon)", NODE_INACTIVE_ANON},
	{"Active(file)", NODE_ACTIVE_FILE},
	{"Inactive(file)", NODE_INACTIVE_FILE},
	{"Unevictable", NODE_UNEVICTABLE},
	{"AnonPages", NODE_ANON},
	{"Mapped", NODE_MAPPED},
	{"Shmem", NODE_SHMEM},
	{"Dirty", NODE_DIRTY},
	{"Writeback", NODE_WRITEBACK},
	{"SReclaimable", NODE_SLAB_RECLAIMABLE},
	{"SUnreclaim", NODE_SLAB_UNRECLAIMABLE},
	{"KernelStack", NODE_KERNEL_STACK},
	{"PageTables", NODE_PAGE_TABLES},
	{"Percpu", NODE_PERCPU},
	{"Hugetlb", NODE_HUGETLB},
	{"Committed_AS", NODE_COMMITTED},
	{"SwapTotal", NODE_SWAP_TOTAL},
	{"SwapFree", NODE_SWAP_FREE},
	{"SwapCached", NODE_SWAP_CACHED},
};

const FieldOfKey VMSTAT = {
	{"pgscan_direct", NODE_SCANNED_DIRECT},
	{"pgscan_kswapd", NODE_SCANNED_KSWAPD},
	{"pgsteal_direct", NODE_FREED_DIRECT},
	{"pgsteal_kswapd", NODE_FREED_KSWAPD},
	{"pswpin", NODE_SWAPPED_IN},
	{"pswpout", NODE_SWAPPED_OUT},
	{"workingset_refault_file", NODE_FILE_REFAULTS},
	/* One line for each zone. */
	{"allocstall_dma", NODE_ALLOC_STALLS},
	{"allocstall_dma32", NODE_ALLOC_STALLS},
	{"allocstall_normal", NODE_ALLOC_STALLS},
	{"allocstall_movable", NODE_ALLOC_STALLS},
	{"allocstall_device", NODE_ALLOC_STALLS},
	{"pgmajfault", NODE_MAJOR_FAULTS},
	{"oom_kill", NODE_OOM_KILLS},
};

/* Of the root: v2 has no usage there; what v1 gives is the sum of these two as well (mem_cgroup_usage()). */
const FieldOfKey ROOT_V2 = {
	{"anon", NODE_ROOT_USAGE},
	{"file", NODE_ROOT_USAGE},
	{"inactive_file", NODE_ROOT_INACTIVE_FILE},
};

const FieldOfKey ROOT_V1 = {{"total_inactive_file", NODE_ROOT_INACTIVE_FILE}};

void read_pressure(std::string_view text, int some_field, int full_field, Fields fields)
{
	if (const auto some = pressure_total(text, "some"))
		fields.set(some_field, *some);
	if (const auto full = pressure_total(text, "full"))
		fields.set(full_field, *full);
}

std::string file_of(CgroupVersion version, const std::string &directory, const char *v1,
		    const char *v2)
{
	const char *name = version == CgroupVersion::V1 ? v1 : v2;
	/* A name that this version has not leads nowhere, and is not tried twice. */
	return directory + "/" + (name ? name : "-");
}

} /* namespace */

CgroupFiles::CgroupFiles(CgroupVersion version, const std::string &directory)
    : version_(version), stat_(file_of(version, directory, "memory.stat", "memory.stat")),
      usage_(file_of(version, directory, "memory.usage_in_bytes", "memory.current")),
      swap_(file_of(version, directory, "memory.memsw.usage_in_bytes", "memory.swap.current")),
      pressure_(file_of(version, directory, nullptr, "memory.pressure")),
      events_(file_of(version, directory, "memory.oom_control", "memory.events")),
      events_local_(file_of(version, directory, "memory.failcnt", "memory.events.local")),
      kernel_(file_of(version, directory, "memory.kmem.usage_in_bytes", nullptr)),
      max_(file_of(version, directory, "memory.limit_in_bytes", "memory.max")),
      high_(file_of(version, directory, nullptr, "memory.high")),
      low_(file_of(version, directory, nullptr, "memory.low")),
      min_(file_of(version, directory, nullptr, "memory.min"))
{
}

void CgroupFiles::read_stat(struct cgroup_stat &stat, bool with_events)
{
	stat.present = 0;
	const Fields fields{stat.values, &stat.present};
	/* Next to each other: the working set is the difference of the two. */
	const auto usage = read_number(usage_.read());
	if (usage)
		fields.set(STAT_USAGE, *usage);
	if (version_ == CgroupVersion::V2) {
		read_fields(stat_.read(), STAT_V2, fields);
		read_pressure(pressure_.read(), STAT_PSI_SOME_US, STAT_PSI_FULL_US, fields);
		if (const auto swap = read_number(swap_.read()))
			fields.set(STAT_SWAP, *swap);
	} else {
		read_fields(stat_.read(), STAT_V1, fields);
		if (const auto kernel = read_number(kernel_.read()))
			fields.set(STAT_KERNEL, *kernel);
	}
	if (with_events || version_ == CgroupVersion::V1)
		read_events(fields);
}

void CgroupFiles::read_events(struct cgroup_stat &stat)
{
	read_events(Fields{stat.values, &stat.present});
}

void CgroupFiles::read_events(Fields fields)
{
	if (version_ == CgroupVersion::V2) {
		read_fields(events_.read(), EVENTS, fields);
		read_fields(events_local_.read(), EVENTS_LOCAL, fields);
		return;
	}
	read_fields(events_.read(), OOM_CONTROL, fields);
	if (const auto failed = read_number(events_local_.read()))
		fields.set(STAT_LOCAL_MAX, *failed);
}

bool CgroupFiles::read_sample(struct cgroup_sample &sample, uint64_t page_bytes)
{
	const auto usage = read_number(usage_.read());
	if (!usage)
		return false;
	uint32_t flags = 0;
	sample.usage_pages = *usage / page_bytes;
	/* v1 writes "none" as the largest multiple of a page below 2^63. */
	const auto limit = [&](KeptFile &file, uint32_t unlimited) -> uint64_t {
		const auto bytes = read_number(file.read());
		if (bytes && *bytes < 1ULL << 62)
			return *bytes / page_bytes;
		flags |= unlimited;
		return 0;
	};
	sample.max_pages = limit(max_, SAMPLE_MAX_UNLIMITED);
	if (version_ == CgroupVersion::V2) {
		sample.high_pages = limit(high_, SAMPLE_HIGH_UNLIMITED);
		sample.low_pages = limit(low_, SAMPLE_LOW_UNLIMITED);
		sample.min_pages = limit(min_, SAMPLE_MIN_UNLIMITED);
	} else {
		sample.high_pages = sample.low_pages = sample.min_pages = 0;
		flags |= SAMPLE_NO_HIGH_LOW_MIN;
	}
	const auto swap = read_number(swap_.read());
	sample.swap_pages = swap.value_or(0) / page_bytes;
	if (!swap)
		flags |= SAMPLE_NO_SWAP;
	else if (version_ == CgroupVersion::V1)
		sample.swap_pages = *swap > *usage ? (*swap - *usage) / page_bytes : 0;
	sample.flags = flags;
	sample.pad = 0;
	return true;
}

NodeFiles::NodeFiles(CgroupVersion version, const std::string &root)
    : version_(version), meminfo_("/proc/meminfo"),
      vmstat_("/proc/vmstat", KeptFile::Comes::InPieces), pressure_("/proc/pressure/memory"),
      root_stat_(root.empty() ? "" : root + "/memory.stat"),
      root_usage_(root.empty() ? "" : root + "/memory.usage_in_bytes")
{
}

void NodeFiles::read(struct node_record &node)
{
	node.present = 0;
	memset(node.values, 0, sizeof(node.values));
	const Fields fields{node.values, &node.present};
	read_fields(meminfo_.read(), MEMINFO, fields);
	read_root(fields);
	read_fields(vmstat_.read(), VMSTAT, fields);
	read_pressure(pressure_.read(), NODE_PSI_SOME_US, NODE_PSI_FULL_US, fields);
}

void NodeFiles::read_root(Fields fields)
{
	const bool is_v2 = version_ == CgroupVersion::V2;
	read_fields(root_stat_.read(), is_v2 ? ROOT_V2 : ROOT_V1, fields);
	if (is_v2)
		return;
	if (const auto usage = read_number(root_usage_.read()))
		fields.set(NODE_ROOT_USAGE, *usage);
}

} /* namespace oomscope */
