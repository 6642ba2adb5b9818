/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_RING_H
#define OOMSCOPE_RING_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace oomscope
{

/*
 * The reading end of a BPF ring buffer (kernel/bpf/ringbuf.c). Two things libbpf's ring_buffer__consume() does not do:
 * - A drain goes up to a position that was taken beforehand, which the order between rings depends on (see Reader) and
 *   which bounds a drain however fast the kernel writes.
 * - Reading and giving the room back are two steps. What was read but not given back is there for the next process when
 *   this one is killed: the OOM killer may well mean us.
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
	/* Up to where drain() has read. */
	uint64_t read_position() const;
	/* Bytes that drain() has not read, ring headers included. */
	uint64_t unread_bytes() const;
	/*
	 * Appends the committed records before `until` to `out`, each padded to 8 bytes.
	 * Stops early at a record that is still being written.
	 */
	void drain(uint64_t until, std::vector<uint8_t> &out);
	/* Gives the room before `position`, which was read, back to the kernel. */
	void release(uint64_t position);
	/* More than half of the ring was read and not given back. */
	bool is_half_held() const;

private:
	uint64_t read_ = 0;
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
