/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_MEMORY_FILES_H
#define OOMSCOPE_MEMORY_FILES_H

#include "kept_file.h"
#include "events.h"

#include <string>

namespace oomscope
{

enum class CgroupVersion {
	V1,
	V2
};

/* The files of one memory cgroup, for what no map has. */
class CgroupFiles
{
public:
	CgroupFiles(CgroupVersion version, const std::string &directory);

	/* Breakdown and PSI. `with_events`: and the counts of events. */
	void read_stat(struct cgroup_stat &stat, bool with_events);
	/* The counts of events alone. */
	void read_events(struct cgroup_stat &stat);
	/* What the walk would have read, but for events. False = the cgroup has no memory counters. */
	bool read_sample(struct cgroup_sample &sample, uint64_t page_bytes);

private:
	void read_events(Fields fields);

	CgroupVersion version_;
	KeptFile stat_, usage_, swap_, pressure_, events_, events_local_;
	/* v1: the kernel's memory; v2: nothing. */
	KeptFile kernel_;
	KeptFile max_, high_, low_, min_;
};

/* The files of the whole node. */
class NodeFiles
{
public:
	/* `root`: of the hierarchy with the memory controller; empty = there is none. */
	NodeFiles(CgroupVersion version, const std::string &root);

	void read(struct node_record &node);

private:
	void read_root(Fields fields);

	CgroupVersion version_;
	KeptFile meminfo_, vmstat_, pressure_, root_stat_, root_usage_;
};

} /* namespace oomscope */

#endif
