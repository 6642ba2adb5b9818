/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "hog.h"
#include "program.h"

#define STEP_US 10000
/* Without a rate: a little at a time, so that the log tells how far it came. */
#define FAST_STEP_BYTES ((size_t)1 << 20)
#define CHURN_BYTES ((size_t)1 << 20)

/* The file is as long as needed afterwards, and its pages are real ones: a hole would map the same, yet cost nothing. */
static int open_file(const char *path, size_t bytes)
{
	static char block[64 * 1024];
	struct stat facts;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	size_t at;

	if (fd < 0 || fstat(fd, &facts))
		fail("cannot open %s: %s", path, strerror(errno));
	memset(block, 'f', sizeof(block));
	for (at = (size_t)facts.st_size; at < bytes; at += sizeof(block))
		if (pwrite(fd, block, sizeof(block), (off_t)at) != sizeof(block))
			fail("cannot fill %s: %s", path, strerror(errno));
	return fd;
}

static char *map_file(const char *path, size_t bytes)
{
	int fd = open_file(path, bytes);
	char *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		fail("cannot map %s: %s", path, strerror(errno));
	close(fd);
	return memory;
}

static char *map_shmem(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		fail("cannot map %zu bytes of shared memory: %s", bytes, strerror(errno));
	return memory;
}

static char *map_kind(const struct hog_options *options, enum memory_kind kind, size_t bytes)
{
	char *memory;

	if (kind == MEMORY_FILE)
		return map_file(options->file_path, bytes);
	if (kind == MEMORY_SHMEM)
		return map_shmem(bytes);
	memory = map_anon(bytes);
	if (options->huge_pages)
		madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

static long long all_waits_us;

static void touch_pages_and_wait(char *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 4096) {
		const long long before_us = boottime_us();
		long long wait_us;

		touch_pages(memory + at, 4096);
		wait_us = boottime_us() - before_us;
		if (wait_us >= SHORTEST_WAIT_US)
			all_waits_us += wait_us;
	}
}

long long waited_us(void)
{
	return all_waits_us;
}

static void take_kind(const struct hog_options *options, enum memory_kind kind, char *memory,
		      size_t bytes)
{
	if (kind == MEMORY_FILE) {
		for (size_t at = 0; at < bytes; at += 4096)
			(void)*(volatile char *)(memory + at);
	} else if (options->time_waits) {
		touch_pages_and_wait(memory, bytes);
	} else {
		touch_pages(memory, bytes);
	}
	if (options->locked && mlock(memory, bytes))
		fail("cannot lock %zu bytes: %s", bytes, strerror(errno));
}

void bind_to_node(long node)
{
	unsigned long nodes = 1UL << node;

	/* No libnuma: it is one system call. The kernel reads one bit less than it is told. */
	if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, sizeof(nodes) * 8 + 1))
		fail("cannot take memory from node %ld: %s", node, strerror(errno));
}

void hold_memory(const struct hog_options *options)
{
	for (int kind = 0; kind < MEMORY_KINDS; kind++) {
		size_t bytes = options->held[kind];
		char *memory;

		if (!bytes)
			continue;
		memory = map_kind(options, (enum memory_kind)kind, bytes);
		take_kind(options, (enum memory_kind)kind, memory, bytes);
		if (kind == MEMORY_ANON && options->pageout &&
		    madvise(memory, options->pageout, MADV_PAGEOUT))
			fail("cannot page out %zu bytes: %s", options->pageout, strerror(errno));
	}
}

static void sleep_until_us(long long wake_us)
{
	const struct timespec wake = {.tv_sec = wake_us / 1000000,
				      .tv_nsec = wake_us % 1000000 * 1000};

	clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &wake, NULL);
}

void grow_memory(const struct hog_options *options)
{
	const long long start_us = boottime_us();
	char *memory = map_kind(options, options->grow_kind, options->grow);
	size_t grown = 0, logged = 0;

	while (grown < options->grow) {
		size_t step = FAST_STEP_BYTES;

		if (options->grow_rate) {
			/* By the clock, not by the sleeps: those are longer than asked for. */
			long long now_us = boottime_us();
			size_t due = (size_t)((double)options->grow_rate *
					      (double)(now_us - start_us) / 1e6) &
				     ~4095UL;

			if (due <= grown) {
				sleep_until_us(now_us + STEP_US);
				continue;
			}
			step = due - grown;
		}
		if (step > options->grow - grown)
			step = options->grow - grown;
		take_kind(options, options->grow_kind, memory + grown, step);
		grown += step;
		if (grown - logged >= options->log_every) {
			logged = grown;
			log_line("growing", ",\"grownBytes\":%zu", grown);
		}
	}
}

void churn_memory(void)
{
	for (;;) {
		char *memory = map_anon(CHURN_BYTES);

		touch_pages(memory, CHURN_BYTES);
		munmap(memory, CHURN_BYTES);
	}
}
