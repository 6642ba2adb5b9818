/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one look at all cgroups costs, in three ways, in one run:
 *
 *   walk_bench CGROUP_ROOT ROUNDS
 *
 * "walk": the programs of bpf/cgroup_walk.bpf.c, as the sampler uses them. "kept": the same values from files that are kept
 * open. "opened": from files that are opened, read and closed each time. Prints one line of JSON: CPU time of this thread in
 * microseconds per round, system time included; the median of the rounds. Needs CAP_BPF and CAP_PERFMON.
 */
#include "error.h"
#include "watched_cgroups.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

using namespace oomscope;

namespace
{

struct Directory {
	uint64_t id;
	std::string path;
};

void find_directories(const std::string &path, std::vector<Directory> &found)
{
	DIR *directory = opendir(path.c_str());
	if (!directory)
		return;
	while (const struct dirent *entry = readdir(directory)) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		found.push_back({entry->d_ino, path + "/" + entry->d_name});
		find_directories(path + "/" + entry->d_name, found);
	}
	closedir(directory);
}

uint64_t thread_cpu_ns()
{
	struct timespec now = {};
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
	       static_cast<uint64_t>(now.tv_nsec);
}

template <typename Round> double median_us(int rounds, Round round)
{
	std::vector<uint64_t> costs_ns;
	/* The first one opens, fills caches and makes rows. */
	round();
	for (int i = 0; i < rounds; i++) {
		const uint64_t before_ns = thread_cpu_ns();
		round();
		costs_ns.push_back(thread_cpu_ns() - before_ns);
	}
	std::nth_element(costs_ns.begin(), costs_ns.begin() + rounds / 2, costs_ns.end());
	return static_cast<double>(costs_ns[static_cast<size_t>(rounds / 2)]) / 1000;
}

void measure(const std::string &root, int rounds)
{
	std::vector<Directory> directories;
	find_directories(root, directories);

	LoadOptions options;
	options.programs = {"iter_cgroup", "read_hot"};
	options.constants["generation"] = 1;
	options.cgroup_root = root;
	const std::shared_ptr<ProgramSet> set = ProgramSet::load(options);
	for (const AttachOutcome &outcome : set->attach()) {
		if (outcome.error_number)
			throw KernelError(outcome.error_number, "attaching " + outcome.program);
	}
	const std::unique_ptr<CgroupWalk> walk = CgroupWalk::open(set);
	WatchedCgroups walked(walk.get(), CgroupVersion::V2);
	const double walk_us = median_us(rounds, [&] { walked.read_all(SampleClock::now()); });

	const auto read_files = [](CgroupFiles &files) {
		struct cgroup_sample sample = {};
		struct cgroup_stat stat = {};
		files.read_sample(sample, 4096);
		files.read_events(stat);
	};
	std::vector<std::unique_ptr<CgroupFiles>> kept;
	for (const Directory &directory : directories)
		kept.push_back(std::make_unique<CgroupFiles>(CgroupVersion::V2, directory.path));
	const double kept_us = median_us(rounds, [&] {
		for (const auto &files : kept)
			read_files(*files);
	});
	const double opened_us = median_us(rounds, [&] {
		for (const Directory &directory : directories) {
			CgroupFiles files(CgroupVersion::V2, directory.path);
			read_files(files);
		}
	});
	printf("{\"cgroups\":%zu,\"walked\":%u,\"walkUs\":%.0f,\"keptUs\":%.0f,\"openedUs\":%.0f}\n",
	       directories.size(), walk->slots_used(), walk_us, kept_us, opened_us);
}

} /* namespace */

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: walk_bench CGROUP_ROOT ROUNDS\n", stderr);
		return 2;
	}
	try {
		measure(argv[1], std::max(1, atoi(argv[2])));
		return 0;
	} catch (const KernelError &error) {
		fprintf(stderr, "%s: error %d\n%s\n", error.what(), error.error_number,
			error.log.c_str());
	} catch (const std::exception &error) {
		fprintf(stderr, "%s\n", error.what());
	}
	return 1;
}
