/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include "error.h"

#include <cerrno>
#include <cstring>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace oomscope
{

namespace
{

constexpr uint64_t round_up_8(uint64_t bytes)
{
	return (bytes + 7) & ~uint64_t{7};
}

size_t page_bytes()
{
	return static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

} /* namespace */

Ring::Ring(int map_fd, size_t size_bytes) : mask_(size_bytes - 1)
{
	const size_t page = page_bytes();
	/* One page with the consumer position, the only one that user space may write. */
	void *consumer = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (consumer == MAP_FAILED)
		throw KernelError(errno, "mapping a ring's consumer page");
	/* One page with the producer position, then the data twice: a record never wraps for the reader. */
	producer_map_bytes_ = page + 2 * size_bytes;
	void *producer = mmap(nullptr, producer_map_bytes_, PROT_READ, MAP_SHARED, map_fd,
			      static_cast<off_t>(page));
	if (producer == MAP_FAILED) {
		const int error_number = errno;
		munmap(consumer, page);
		throw KernelError(error_number, "mapping a ring's data");
	}
	consumer_map_ = consumer;
	producer_map_ = producer;
	consumer_ = static_cast<uint64_t *>(consumer);
	producer_ = static_cast<uint64_t *>(producer);
	data_ = static_cast<uint8_t *>(producer) + page;
	read_ = __atomic_load_n(consumer_, __ATOMIC_RELAXED);
}

Ring::Ring(uint64_t *consumer, uint64_t *producer, uint8_t *data, size_t size_bytes)
    : read_(*consumer), consumer_(consumer), producer_(producer), data_(data), mask_(size_bytes - 1)
{
}

Ring::Ring(Ring &&other) noexcept
{
	*this = std::move(other);
}

Ring &Ring::operator=(Ring &&other) noexcept
{
	std::swap(read_, other.read_);
	std::swap(consumer_, other.consumer_);
	std::swap(producer_, other.producer_);
	std::swap(data_, other.data_);
	std::swap(mask_, other.mask_);
	std::swap(consumer_map_, other.consumer_map_);
	std::swap(producer_map_, other.producer_map_);
	std::swap(producer_map_bytes_, other.producer_map_bytes_);
	return *this;
}

Ring::~Ring()
{
	if (consumer_map_)
		munmap(consumer_map_, page_bytes());
	if (producer_map_)
		munmap(producer_map_, producer_map_bytes_);
}

uint64_t Ring::producer_position() const
{
	/*
	 * Pairs with the kernel's store-release: the headers before it are visible. Not merely an acquire: on arm64 that
	 * may be LDAPR, which overtakes the store of release().
	 */
	return __atomic_load_n(producer_, __ATOMIC_SEQ_CST);
}

uint64_t Ring::read_position() const
{
	return read_;
}

uint64_t Ring::unread_bytes() const
{
	return producer_position() - read_;
}

void Ring::drain(uint64_t until, std::vector<uint8_t> &out)
{
	while (read_ < until) {
		const uint8_t *header = data_ + (read_ & mask_);
		/* The length loses its busy bit by a store-release once the record is whole. */
		const uint32_t length = __atomic_load_n(reinterpret_cast<const uint32_t *>(header),
							__ATOMIC_ACQUIRE);
		if (length & BPF_RINGBUF_BUSY_BIT)
			break;
		const uint32_t bytes = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
			const uint8_t *record = header + BPF_RINGBUF_HDR_SZ;
			out.insert(out.end(), record, record + bytes);
			out.resize(round_up_8(out.size()));
		}
		read_ += round_up_8(BPF_RINGBUF_HDR_SZ + bytes);
	}
}

void Ring::release(uint64_t position)
{
	/*
	 * The kernel wakes a poller for a record when it finds the consumer there. Ordered before our next look at the
	 * producer: either that look sees the record, or the kernel sees this.
	 */
	__atomic_store_n(consumer_, position, __ATOMIC_SEQ_CST);
}

bool Ring::is_half_held() const
{
	return read_ - __atomic_load_n(consumer_, __ATOMIC_RELAXED) > (mask_ + 1) / 2;
}

} /* namespace oomscope */
