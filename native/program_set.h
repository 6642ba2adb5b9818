/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_PROGRAM_SET_H
#define OOMSCOPE_PROGRAM_SET_H

#include "embedded_objects.h"
#include "ring.h"
#include "unique_fd.h"

#include <bpf/libbpf.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct control;

namespace oomscope
{

struct LoadOptions {
	ObjectKind object = ObjectKind::Core;
	/* Programs to load; the object's other programs are left out. */
	std::vector<std::string> programs;
	/* Read-only variables of the object, by name. */
	std::map<std::string, uint64_t> constants;
	/* Sizes in bytes of rings, by map name; a ring not named keeps the object's size. */
	std::map<std::string, uint32_t> ring_bytes;
	/* A pinned `gate` map to share; empty = a map of its own. */
	std::string gate_path;
	/* Below which a program that iterates over cgroups walks. */
	std::string cgroup_root;
};

/* What became of one program's attachment. `error_number` 0 = attached. */
struct AttachOutcome {
	std::string program;
	int error_number;
	std::string log;
};

/* Of one program since it was loaded, while kernel.bpf_stats_enabled (or a BPF_ENABLE_STATS) was on. */
struct RunTime {
	uint64_t runs;
	uint64_t nanoseconds;
};

/*
 * One loaded set of programs with its maps: loaded by this process, or adopted from the pins of an earlier one.
 * Not thread-safe, except for what Reader documents.
 */
class ProgramSet
{
public:
	/* Loads into the kernel, attaches nothing. Throws KernelError with the log; nothing stays loaded then. */
	static std::shared_ptr<ProgramSet> load(const LoadOptions &options);
	/* Opens what pin() left in `directory`. Needs no capability. A program without a pin is left out. */
	static std::shared_ptr<ProgramSet> adopt(const std::string &directory,
						 const std::string &gate_path,
						 const std::vector<std::string> &programs);
	~ProgramSet();
	ProgramSet(const ProgramSet &) = delete;
	ProgramSet &operator=(const ProgramSet &) = delete;

	/* Attaches every program, going on after a failure. */
	std::vector<AttachOutcome> attach();
	/* Pins maps, programs and links into `directory`, which exists. Throws KernelError; the caller cleans up. */
	void pin(const std::string &directory);
	/* Ends the attachments held by this process. Pinned links last until their files are removed. */
	void detach();

	/* Stores the generation that records; see `gate` in bpf/. */
	void set_gate(uint64_t generation);
	uint64_t gate() const;

	/* Names of the programs that this set holds, in the order in which run_misses() counts. */
	std::vector<std::string> program_names() const;
	/* How often the kernel skipped each program since it was loaded. */
	std::vector<uint64_t> run_misses() const;
	/* What each program took, in the same order; 0 of all where the kernel does not measure. */
	std::vector<RunTime> run_times() const;
	/* The words of the `loss` map. */
	std::vector<uint64_t> loss_words() const;
	/*
	 * How much of loss_words() and run_misses(), one after the other, was already told to somebody. Outlives the
	 * process with the pins: loss is told once.
	 */
	uint64_t *reported() const;
	struct control *control() const;

	/* Of a map or a program that not every set has; −1 = this one has it not. */
	int optional_map_fd(const std::string &name) const;
	int program_fd(const std::string &name) const;
	/* −1 also where the program has no link, or it is not attached. */
	int link_fd(const std::string &name) const;

	int kills_fd() const;
	int ballot_fd() const;
	int bulk_fd() const;

	Ring kills, ballot, bulk;

private:
	struct Program {
		std::string name;
		UniqueFd fd;
		struct bpf_link *link = nullptr;
	};

	ProgramSet() = default;
	const Program *find_program(const std::string &name) const;
	/* Maps into memory what the reader touches. */
	void map_memory();
	void open_reported();

	struct bpf_object *object_ = nullptr; /* only between load and attach */
	std::string cgroup_root_;
	std::map<std::string, UniqueFd> maps_;
	std::vector<Program> programs_;
	bool pinned_ = false;
	void *control_ = nullptr;
	void *reported_ = nullptr;
};

} /* namespace oomscope */

#endif
