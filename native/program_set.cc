/* SPDX-License-Identifier: Apache-2.0 */
#include "program_set.h"

#include "error.h"
#include "host.h"
#include "events.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>

namespace oomscope
{

namespace
{

constexpr char REPORTED_MAP[] = "reported";
/* Every map that the reader or a later process needs. `gate` is pinned beside the sets, since they share it. */
constexpr const char *PINNED_MAPS[] = {"kills", "ballot", "bulk", "loss", "control", REPORTED_MAP};
/* Of the sampling thread; the object that needs no BTF has none of them. */
constexpr const char *OPTIONAL_MAPS[] = {"cgroup_slots", "sampler", "activity", "pressure"};

UniqueFd duplicate(int fd, const std::string &what)
{
	UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	if (!copy)
		throw KernelError(errno, what);
	return copy;
}

uint32_t max_entries(int map_fd)
{
	struct bpf_map_info map = {};
	uint32_t size = sizeof(map);
	if (bpf_obj_get_info_by_fd(map_fd, &map, &size))
		throw KernelError(errno, "reading a map's size");
	return map.max_entries;
}

uint32_t program_type(int program_fd)
{
	struct bpf_prog_info facts = {};
	uint32_t size = sizeof(facts);
	const int error = bpf_obj_get_info_by_fd(program_fd, &facts, &size);
	return error ? 0 : facts.type;
}

struct bpf_link *attach_to_cgroups(const struct bpf_program *program, const std::string &root)
{
	const UniqueFd directory(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!directory)
		return nullptr;
	union bpf_iter_link_info where = {};
	where.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
	where.cgroup.cgroup_fd = static_cast<uint32_t>(directory.get());
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &where,
		    .link_info_len = sizeof(where));
	return bpf_program__attach_iter(program, &options);
}

/* Writes `value` into the read-only variable `name` of an object that is not loaded yet. */
void set_constant(struct bpf_object *object, const std::string &name, uint64_t value)
{
	struct bpf_map *rodata = bpf_object__find_map_by_name(object, ".rodata");
	size_t rodata_bytes = 0;
	const void *initial = rodata ? bpf_map__initial_value(rodata, &rodata_bytes) : nullptr;
	const struct btf *btf = bpf_object__btf(object);
	const int section_id = btf ? btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC) : -1;
	if (!initial || section_id < 0)
		throw KernelError(ENOENT, "the BPF object has no read-only data");
	const struct btf_type *section = btf__type_by_id(btf, section_id);
	const struct btf_var_secinfo *variable = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++, variable++) {
		const struct btf_type *type = btf__type_by_id(btf, variable->type);
		if (name != btf__name_by_offset(btf, type->name_off))
			continue;
		if (variable->size > sizeof(value) ||
		    variable->offset + variable->size > rodata_bytes)
			throw KernelError(EINVAL, "the constant " + name + " is no number");
		/* BPF and both supported machines are little-endian: the low bytes are the first ones. */
		const auto *before = static_cast<const uint8_t *>(initial);
		std::vector<uint8_t> bytes(before, before + rodata_bytes);
		memcpy(bytes.data() + variable->offset, &value, variable->size);
		if (bpf_map__set_initial_value(rodata, bytes.data(), bytes.size()))
			throw KernelError(EINVAL, "setting the constant " + name);
		return;
	}
	throw KernelError(ENOENT, "the BPF object has no constant " + name);
}

void select_programs(struct bpf_object *object, const std::vector<std::string> &names)
{
	struct bpf_program *program;
	bpf_object__for_each_program(program, object)
	{
		bpf_program__set_autoload(program, false);
	}
	for (const std::string &name : names) {
		program = bpf_object__find_program_by_name(object, name.c_str());
		if (!program)
			throw KernelError(ENOENT, "the BPF object has no program " + name);
		bpf_program__set_autoload(program, true);
	}
}

void *map_array(int fd, size_t bytes, const char *what)
{
	void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		throw KernelError(errno, what);
	return memory;
}

/*
 * How often a kprobe did not even reach its program: a kretprobe without a free instance, a probe inside a probe. Told by
 * kernels since 6.7 (commit 3acf8ace6823), 0 before. Read by offset: the layout is newer than the headers we build with.
 */
uint64_t missed_by_kprobe(const struct bpf_link *link)
{
	struct {
		uint32_t type, id, program_id, pad;
		uint32_t perf_type, pad2;
		uint64_t name;
		uint32_t name_bytes, offset;
		uint64_t address, missed, cookie;
	} facts = {};
	static_assert(offsetof(decltype(facts), missed) == 48,
		      "struct bpf_link_info of the kernel");
	constexpr uint32_t PERF_EVENT_LINK = 7, KPROBE = 3, KRETPROBE = 4;
	uint32_t size = sizeof(facts);
	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &facts, &size))
		return 0;
	const bool is_kprobe = facts.type == PERF_EVENT_LINK &&
			       (facts.perf_type == KPROBE || facts.perf_type == KRETPROBE);
	return is_kprobe ? facts.missed : 0;
}

} /* namespace */

std::shared_ptr<ProgramSet> ProgramSet::load(const LoadOptions &options)
{
	LibbpfLog log;
	const auto fail = [&log](int error_number, const std::string &what) {
		throw KernelError(error_number, what, log.text());
	};
	std::shared_ptr<ProgramSet> set(new ProgramSet());
	const ObjectBytes bytes = embedded_object(options.object);
	LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = "oomscope");
	set->object_ = bpf_object__open_mem(bytes.data, bytes.size, &open_options);
	if (!set->object_)
		fail(errno, "opening the BPF object");

	select_programs(set->object_, options.programs);
	for (const auto &[name, value] : options.constants)
		set_constant(set->object_, name, value);
	for (const auto &[name, size] : options.ring_bytes) {
		struct bpf_map *map = bpf_object__find_map_by_name(set->object_, name.c_str());
		if (!map || bpf_map__set_max_entries(map, size))
			fail(EINVAL, "setting the size of ring " + name);
	}
	if (!options.gate_path.empty()) {
		UniqueFd gate(bpf_obj_get(options.gate_path.c_str()));
		if (!gate)
			fail(errno, "opening " + options.gate_path);
		struct bpf_map *map = bpf_object__find_map_by_name(set->object_, "gate");
		/* Duplicates the descriptor. */
		const int error = map ? bpf_map__reuse_fd(map, gate.get()) : -ENOENT;
		if (error)
			fail(-error, "sharing " + options.gate_path);
	}

	const int error = bpf_object__load(set->object_);
	if (error)
		fail(-error, "loading the BPF programs");

	for (const char *name : {"kills", "ballot", "bulk", "loss", "control", "gate"}) {
		const int fd = bpf_object__find_map_fd_by_name(set->object_, name);
		if (fd < 0)
			fail(ENOENT, std::string("the BPF object has no map ") + name);
		set->maps_[name] = duplicate(fd, std::string("holding map ") + name);
	}
	for (const char *name : OPTIONAL_MAPS) {
		const int fd = bpf_object__find_map_fd_by_name(set->object_, name);
		if (fd >= 0)
			set->maps_[name] = duplicate(fd, std::string("holding map ") + name);
	}
	set->cgroup_root_ = options.cgroup_root;
	for (const std::string &name : options.programs) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(set->object_, name.c_str());
		set->programs_.push_back(
			{name, duplicate(bpf_program__fd(program), "holding program " + name)});
	}
	set->open_reported();
	set->map_memory();
	return set;
}

std::shared_ptr<ProgramSet> ProgramSet::adopt(const std::string &directory,
					      const std::string &gate_path,
					      const std::vector<std::string> &programs)
{
	LibbpfLog log;
	std::shared_ptr<ProgramSet> set(new ProgramSet());
	set->pinned_ = true;
	const auto open_map = [&set](const std::string &name, const std::string &path) {
		UniqueFd fd(bpf_obj_get(path.c_str()));
		if (!fd)
			throw KernelError(errno, "opening " + path);
		set->maps_[name] = std::move(fd);
	};
	for (const char *name : PINNED_MAPS)
		open_map(name, directory + "/" + name);
	for (const char *name : OPTIONAL_MAPS) {
		UniqueFd fd(bpf_obj_get((directory + "/" + name).c_str()));
		if (fd)
			set->maps_[name] = std::move(fd);
	}
	open_map("gate", gate_path);
	for (const std::string &name : programs) {
		UniqueFd fd(bpf_obj_get((directory + "/prog_" + name).c_str()));
		const bool has_link = fd && program_type(fd.get()) != BPF_PROG_TYPE_SYSCALL;
		struct bpf_link *link =
			has_link ? bpf_link__open((directory + "/link_" + name).c_str()) : nullptr;
		if (!fd || (has_link && !link)) {
			const int error_number = errno;
			bpf_link__destroy(link);
			throw KernelError(error_number, "opening the pins of program " + name,
					  log.text());
		}
		set->programs_.push_back({name, std::move(fd), link});
	}
	set->map_memory();
	return set;
}

ProgramSet::~ProgramSet()
{
	detach();
	bpf_object__close(object_);
	if (control_)
		munmap(control_, sizeof(struct control));
	if (reported_)
		munmap(reported_, max_entries(maps_[REPORTED_MAP].get()) * sizeof(uint64_t));
}

void ProgramSet::open_reported()
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	const size_t words = loss_words().size() + programs_.size();
	UniqueFd fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, REPORTED_MAP, sizeof(uint32_t),
				   sizeof(uint64_t), static_cast<uint32_t>(words), &options));
	if (!fd)
		throw KernelError(errno, "creating the map of reported loss");
	maps_[REPORTED_MAP] = std::move(fd);
}

void ProgramSet::map_memory()
{
	kills = Ring(maps_["kills"].get(), max_entries(maps_["kills"].get()));
	ballot = Ring(maps_["ballot"].get(), max_entries(maps_["ballot"].get()));
	bulk = Ring(maps_["bulk"].get(), max_entries(maps_["bulk"].get()));
	const int reported_fd = maps_[REPORTED_MAP].get();
	if (max_entries(reported_fd) < loss_words().size() + programs_.size())
		throw KernelError(EINVAL, "the pinned map of reported loss is too small");
	reported_ = map_array(reported_fd, max_entries(reported_fd) * sizeof(uint64_t),
			      "mapping reported loss");
	control_ = map_array(maps_["control"].get(), sizeof(struct control), "mapping control");
}

std::vector<AttachOutcome> ProgramSet::attach()
{
	std::vector<AttachOutcome> outcomes;
	for (Program &entry : programs_) {
		LibbpfLog log;
		struct bpf_program *program =
			bpf_object__find_program_by_name(object_, entry.name.c_str());
		/* Runs when it is asked to. */
		if (bpf_program__type(program) == BPF_PROG_TYPE_SYSCALL) {
			outcomes.push_back({entry.name, 0, {}});
			continue;
		}
		const bool iterates = bpf_program__expected_attach_type(program) == BPF_TRACE_ITER;
		entry.link = iterates ? attach_to_cgroups(program, cgroup_root_)
				      : bpf_program__attach(program);
		outcomes.push_back({entry.name, entry.link ? 0 : errno, log.text()});
	}
	/* Descriptors and links stand on their own; the object's copy of the kernel's types is megabytes. */
	bpf_object__close(object_);
	object_ = nullptr;
	return outcomes;
}

void ProgramSet::pin(const std::string &directory)
{
	LibbpfLog log;
	const auto pin_fd = [&](int fd, const std::string &name) {
		if (bpf_obj_pin(fd, (directory + "/" + name).c_str()))
			throw KernelError(errno, "pinning " + directory + "/" + name, log.text());
	};
	for (const char *name : PINNED_MAPS)
		pin_fd(maps_[name].get(), name);
	for (const char *name : OPTIONAL_MAPS) {
		if (optional_map_fd(name) >= 0)
			pin_fd(optional_map_fd(name), name);
	}
	for (const Program &program : programs_) {
		const bool has_link = program_type(program.fd.get()) != BPF_PROG_TYPE_SYSCALL;
		if (has_link && !program.link)
			continue;
		pin_fd(program.fd.get(), "prog_" + program.name);
		if (has_link)
			pin_fd(bpf_link__fd(program.link), "link_" + program.name);
	}
	pinned_ = true;
}

void ProgramSet::detach()
{
	for (Program &program : programs_) {
		/*
		 * Destroying a kprobe's or tracepoint's link disables its perf event, which a pin still needs: let go of it
		 * instead. Its descriptors then stay open until the process ends.
		 */
		if (program.link && pinned_)
			bpf_link__disconnect(program.link);
		bpf_link__destroy(program.link);
		program.link = nullptr;
	}
}

void ProgramSet::set_gate(uint64_t generation)
{
	const uint32_t key = 0;
	if (bpf_map_update_elem(maps_.at("gate").get(), &key, &generation, BPF_ANY))
		throw KernelError(errno, "writing the gate");
}

uint64_t ProgramSet::gate() const
{
	const uint32_t key = 0;
	uint64_t generation = 0;
	if (bpf_map_lookup_elem(maps_.at("gate").get(), &key, &generation))
		throw KernelError(errno, "reading the gate");
	return generation;
}

std::vector<std::string> ProgramSet::program_names() const
{
	std::vector<std::string> names;
	for (const Program &program : programs_)
		names.push_back(program.name);
	return names;
}

std::vector<uint64_t> ProgramSet::run_misses() const
{
	std::vector<uint64_t> misses;
	for (const Program &program : programs_) {
		struct bpf_prog_info facts = {};
		uint32_t size = sizeof(facts);
		const int error = bpf_obj_get_info_by_fd(program.fd.get(), &facts, &size);
		misses.push_back((error ? 0 : facts.recursion_misses) +
				 missed_by_kprobe(program.link));
	}
	return misses;
}

std::vector<RunTime> ProgramSet::run_times() const
{
	std::vector<RunTime> times;
	for (const Program &program : programs_) {
		struct bpf_prog_info facts = {};
		uint32_t size = sizeof(facts);
		/* Told without capabilities too: only what lies in the kernel's memory is kept back. */
		const int error = bpf_obj_get_info_by_fd(program.fd.get(), &facts, &size);
		times.push_back(error ? RunTime{0, 0} : RunTime{facts.run_cnt, facts.run_time_ns});
	}
	return times;
}

std::vector<uint64_t> ProgramSet::loss_words() const
{
	struct loss_counters counters = {};
	const uint32_t key = 0;
	if (bpf_map_lookup_elem(maps_.at("loss").get(), &key, &counters))
		throw KernelError(errno, "reading the loss counters");
	const auto *words = reinterpret_cast<const uint64_t *>(&counters);
	return {words, words + sizeof(counters) / sizeof(uint64_t)};
}

uint64_t *ProgramSet::reported() const
{
	return static_cast<uint64_t *>(reported_);
}

struct control *ProgramSet::control() const
{
	return static_cast<struct control *>(control_);
}

int ProgramSet::optional_map_fd(const std::string &name) const
{
	const auto found = maps_.find(name);
	return found == maps_.end() ? -1 : found->second.get();
}

const ProgramSet::Program *ProgramSet::find_program(const std::string &name) const
{
	for (const Program &program : programs_) {
		if (program.name == name)
			return &program;
	}
	return nullptr;
}

int ProgramSet::program_fd(const std::string &name) const
{
	const Program *program = find_program(name);
	return program ? program->fd.get() : -1;
}

int ProgramSet::link_fd(const std::string &name) const
{
	const Program *program = find_program(name);
	return program && program->link ? bpf_link__fd(program->link) : -1;
}

int ProgramSet::kills_fd() const
{
	return maps_.at("kills").get();
}

int ProgramSet::ballot_fd() const
{
	return maps_.at("ballot").get();
}

int ProgramSet::bulk_fd() const
{
	return maps_.at("bulk").get();
}

} /* namespace oomscope */
