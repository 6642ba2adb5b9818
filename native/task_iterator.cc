/* SPDX-License-Identifier: Apache-2.0 */
#include "task_iterator.h"

#include "embedded_objects.h"
#include "error.h"
#include "host.h"
#include "unique_fd.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace oomscope
{

namespace
{

constexpr char PROGRAM[] = "iter_processes";
/* What the kernel fills at once: eight pages. */
constexpr size_t CHUNK_BYTES = 32 << 10;

} /* namespace */

std::unique_ptr<TaskIterator> TaskIterator::load()
{
	LibbpfLog log;
	std::unique_ptr<TaskIterator> iterator(new TaskIterator());
	const ObjectBytes bytes = embedded_object(ObjectKind::Core);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "oomscope");
	iterator->object_ = bpf_object__open_mem(bytes.data, bytes.size, &options);
	if (!iterator->object_)
		throw KernelError(errno, "opening the BPF object", log.text());

	struct bpf_program *program;
	bpf_object__for_each_program(program, iterator->object_)
	{
		bpf_program__set_autoload(program,
					  strcmp(bpf_program__name(program), PROGRAM) == 0);
	}
	/* It needs none of the maps: rings of megabytes among them. */
	struct bpf_map *map;
	bpf_object__for_each_map(map, iterator->object_)
	{
		bpf_map__set_autocreate(map, false);
	}
	const int error = bpf_object__load(iterator->object_);
	if (error)
		throw KernelError(-error, "loading the task iterator", log.text());
	program = bpf_object__find_program_by_name(iterator->object_, PROGRAM);
	iterator->link_ = bpf_program__attach_iter(program, nullptr);
	if (!iterator->link_)
		throw KernelError(errno, "attaching the task iterator", log.text());
	return iterator;
}

TaskIterator::~TaskIterator()
{
	bpf_link__destroy(link_);
	bpf_object__close(object_);
}

std::vector<uint8_t> TaskIterator::read() const
{
	UniqueFd fd(bpf_iter_create(bpf_link__fd(link_)));
	if (!fd)
		throw KernelError(errno, "opening the task iterator");
	std::vector<uint8_t> records;
	for (;;) {
		const size_t before = records.size();
		records.resize(before + CHUNK_BYTES);
		const ssize_t got = ::read(fd.get(), records.data() + before, CHUNK_BYTES);
		records.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
		if (got == 0)
			return records;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			throw KernelError(errno, "reading the task iterator");
	}
}

} /* namespace oomscope */
