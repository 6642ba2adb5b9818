/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_RING_H
#define OOMSCOPE_RING_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace oomscope
{

/*
 * The reading end of a BPF ring buffer (kernel/bpf/ringbuf.c). libbpf's own ring_buffer__consume() reads until the ring
 * is empty; here a drain goes up to a position that was taken beforehand, which the order between rings depends on (see
 * Reader) and which bounds a drain however fast the kernel writes.
 *
 * One reader per ring: nothing here is locked, and two readers would hand out the same records twice.
 */
class Ring
{
public:
	Ring() = default;
	/* Maps the ring of a BPF_MAP_TYPE_RINGBUF of `size_bytes`. Throws KernelError. The fd may be closed after. */
	Ring(int map_fd, size_t size_bytes);
	/* On memory laid out as the kernel does, `data` mapped twice in a row: for tests. Not owned. */
	Ring(uint64_t *consumer, uint64_t *producer, uint8_t *data, size_t size_bytes);
	Ring(Ring &&other) noexcept;
	Ring &operator=(Ring &&other) noexcept;
	Ring(const Ring &) = delete;
	Ring &operator=(const Ring &) = delete;
	~Ring();

	/* Where the kernel will write next. Everything before it is committed, discarded or being written. */
	uint64_t producer_position() const;
	/* Bytes between reader and writer, ring headers included. */
	uint64_t unread_bytes() const;
	/*
	 * Appends the committed records before `until` to `out`, each padded to 8 bytes, and gives their room back.
	 * Stops early at a record that is still being written.
	 */
	void drain(uint64_t until, std::vector<uint8_t> &out);

private:
	uint64_t *consumer_ = nullptr;
	uint64_t *producer_ = nullptr;
	uint8_t *data_ = nullptr;
	uint64_t mask_ = 0;
	void *consumer_map_ = nullptr;
	void *producer_map_ = nullptr;
	size_t producer_map_bytes_ = 0;
};

} /* namespace oomscope */

#endif
