/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring protocol against a ring in ordinary memory, written to as kernel/bpf/ringbuf.c does. Run by ring.test.ts, which
 * names the cases: ring_test CASE exits 0 when the case holds, else prints what did not.
 */
#include "ring.h"

#include <cstdio>
#include <cstring>
#include <functional>
#include <linux/bpf.h>
#include <map>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using oomscope::Ring;

namespace
{

constexpr size_t RING_BYTES = 4096;

int failures = 0;

void expect(bool holds, const char *what, int line)
{
	if (holds)
		return;
	printf("line %d: %s\n", line, what);
	failures++;
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

/* The kernel's end: data mapped twice in a row, so that a record never wraps. */
class FakeRing
{
public:
	FakeRing()
	{
		const int fd = memfd_create("ring", 0);
		if (fd < 0 || ftruncate(fd, RING_BYTES) != 0)
			_exit(2);
		data_ = static_cast<uint8_t *>(mmap(nullptr, 2 * RING_BYTES, PROT_NONE,
						    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		mmap(data_, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
		mmap(data_ + RING_BYTES, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     fd, 0);
		close(fd);
	}
	~FakeRing()
	{
		munmap(data_, 2 * RING_BYTES);
	}
	Ring reader()
	{
		return Ring(&consumer, &producer, data_, RING_BYTES);
	}
	/* Returns the record's header; `flags` as the kernel sets them. */
	uint32_t *write(const std::string &record, uint32_t flags = 0)
	{
		auto *header = reinterpret_cast<uint32_t *>(data_ + producer % RING_BYTES);
		memcpy(header + 2, record.data(), record.size());
		header[0] = static_cast<uint32_t>(record.size()) | flags;
		producer += (record.size() + BPF_RINGBUF_HDR_SZ + 7) & ~size_t{7};
		return header;
	}
	uint64_t consumer = 0, producer = 0;

private:
	uint8_t *data_;
};

std::string drained(Ring &ring)
{
	std::vector<uint8_t> out;
	ring.drain(ring.producer_position(), out);
	return {out.begin(), out.end()};
}

void records_come_out_in_order_and_padded()
{
	FakeRing fake;
	Ring ring = fake.reader();
	EXPECT(drained(ring).empty());
	fake.write("12345678");
	fake.write("abc");
	EXPECT(ring.unread_bytes() == 32);
	EXPECT(drained(ring) == std::string("12345678abc\0\0\0\0\0", 16));
	EXPECT(ring.unread_bytes() == 0);
}

void a_record_that_crosses_the_end_is_whole()
{
	FakeRing fake;
	Ring ring = fake.reader();
	for (int i = 0; i < 200; i++) {
		const std::string record(296, static_cast<char>('a' + i % 26));
		fake.write(record);
		EXPECT(drained(ring) == record);
		ring.release(ring.read_position());
	}
	EXPECT(fake.producer > 10 * RING_BYTES);
}

void a_discarded_record_is_passed_over()
{
	FakeRing fake;
	Ring ring = fake.reader();
	fake.write("discards", BPF_RINGBUF_DISCARD_BIT);
	fake.write("survives");
	EXPECT(drained(ring) == "survives");
}

void a_record_being_written_holds_back_what_follows()
{
	FakeRing fake;
	Ring ring = fake.reader();
	fake.write("complete");
	uint32_t *busy = fake.write("unfinish", BPF_RINGBUF_BUSY_BIT);
	fake.write("complet2");
	EXPECT(drained(ring) == "complete");
	EXPECT(drained(ring).empty());
	*busy &= ~BPF_RINGBUF_BUSY_BIT;
	EXPECT(drained(ring) == "unfinishcomplet2");
}

void a_drain_stops_at_its_limit()
{
	FakeRing fake;
	Ring ring = fake.reader();
	fake.write("earlier!");
	const uint64_t until = ring.producer_position();
	fake.write("later!!!");
	std::vector<uint8_t> out;
	ring.drain(until, out);
	EXPECT(std::string(out.begin(), out.end()) == "earlier!");
	EXPECT(drained(ring) == "later!!!");
}

void what_was_not_released_is_there_for_the_next_reader()
{
	FakeRing fake;
	Ring killed = fake.reader();
	fake.write("settled!");
	drained(killed);
	killed.release(killed.read_position());
	fake.write("half-way");
	EXPECT(drained(killed) == "half-way");
	EXPECT(drained(killed).empty());
	Ring next = fake.reader();
	EXPECT(drained(next) == "half-way");
}

void a_ring_tells_when_half_of_it_is_held()
{
	FakeRing fake;
	Ring ring = fake.reader();
	for (size_t i = 0; i < RING_BYTES / 2 / 16; i++)
		fake.write("12345678");
	drained(ring);
	EXPECT(!ring.is_half_held());
	fake.write("onemore!");
	drained(ring);
	EXPECT(ring.is_half_held());
	ring.release(ring.read_position());
	EXPECT(!ring.is_half_held());
	EXPECT(fake.consumer == fake.producer);
}

void a_moved_ring_reads_on()
{
	FakeRing fake;
	Ring first = fake.reader();
	fake.write("12345678");
	Ring second(std::move(first));
	EXPECT(drained(second) == "12345678");
}

const std::map<std::string, std::function<void()>> cases = {
	{"records come out in order and padded", records_come_out_in_order_and_padded},
	{"a record that crosses the end is whole", a_record_that_crosses_the_end_is_whole},
	{"a discarded record is passed over", a_discarded_record_is_passed_over},
	{"a record being written holds back what follows",
	 a_record_being_written_holds_back_what_follows},
	{"a drain stops at its limit", a_drain_stops_at_its_limit},
	{"what was not released is there for the next reader",
	 what_was_not_released_is_there_for_the_next_reader},
	{"a ring tells when half of it is held", a_ring_tells_when_half_of_it_is_held},
	{"a moved ring reads on", a_moved_ring_reads_on},
};

} /* namespace */

int main(int argc, char **argv)
{
	if (argc != 2) {
		for (const auto &[name, run] : cases)
			puts(name.c_str());
		return 0;
	}
	const auto found = cases.find(argv[1]);
	if (found == cases.end())
		return 2;
	found->second();
	return failures > 0;
}
