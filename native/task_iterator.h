/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_TASK_ITERATOR_H
#define OOMSCOPE_TASK_ITERATOR_H

#include <cstdint>
#include <memory>
#include <vector>

struct bpf_object;
struct bpf_link;

namespace oomscope
{

/*
 * The program that writes a record for each process when it is read. It is on nobody's path and records nothing by
 * itself. Not thread-safe.
 */
class TaskIterator
{
public:
	/* Throws KernelError with the log; nothing stays loaded then. */
	static std::unique_ptr<TaskIterator> load();
	~TaskIterator();
	TaskIterator(const TaskIterator &) = delete;
	TaskIterator &operator=(const TaskIterator &) = delete;

	/* All records of this moment, one after the other. */
	std::vector<uint8_t> read() const;

private:
	TaskIterator() = default;

	struct bpf_object *object_ = nullptr;
	struct bpf_link *link_ = nullptr;
};

} /* namespace oomscope */

#endif
