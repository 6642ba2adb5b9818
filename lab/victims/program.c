/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

#define PAGE_BYTES 4096

const char *program_name = "lab";

void only_in_the_lab(void)
{
	char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	line[got > 0 ? got : 0] = '\0';
	if (!strstr(line, "oomscope.lab"))
		fail("it uses up memory on purpose and runs only in a guest of 'oomscope lab'");
}

long long boottime_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

void log_line(const char *what, const char *format, ...)
{
	char line[1024];
	va_list args;
	int at = snprintf(line, sizeof(line),
			  "{\"tUs\":%lld,\"program\":\"%s\",\"pid\":%d,\"what\":\"%s\"",
			  boottime_us(), program_name, getpid(), what);

	va_start(args, format);
	at += vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
	va_end(args);
	if (at > (int)sizeof(line) - 3)
		fail("a log line of %d bytes", at);
	at += snprintf(line + at, sizeof(line) - (size_t)at, "}\n");
	/* A reader that has gone is no reason to end: the memory is the purpose. */
	(void)!write(STDOUT_FILENO, line, (size_t)at);
}

noreturn void fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

size_t parse_size(const char *option, const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	const char *const units = "KMG";
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == text || *text == '-' || (*end && (!unit || end[1])))
		fail("%s takes a size such as 4096, 64K, 100M or 1G, not '%s'", option, text);
	return (size_t)value << (unit ? 10 * (unit - units + 1) : 0);
}

long parse_number(const char *option, const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < min || value > max)
		fail("%s takes a number from %ld to %ld, not '%s'", option, min, max, text);
	return value;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail("cannot write '%s' to %s: %s", text, path, strerror(errno));
	close(fd);
}

void set_comm(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void set_adj(long adj)
{
	char text[16];

	snprintf(text, sizeof(text), "%ld", adj);
	write_text("/proc/self/oom_score_adj", text);
}

void join_cgroup(const char *path)
{
	char procs[1024];
	int v1 = access("/sys/fs/cgroup/memory/cgroup.procs", F_OK) == 0;

	snprintf(procs, sizeof(procs), "/sys/fs/cgroup/%s%s/cgroup.procs", v1 ? "memory/" : "",
		 path);
	write_text(procs, "0");
}

void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

char *map_anon(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		fail("cannot map %zu bytes: %s", bytes, strerror(errno));
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

void touch_pages(char *memory, size_t bytes)
{
	/* Not the same everywhere: zram keeps pages of one repeated word for nothing. */
	for (size_t at = 0; at < bytes; at += PAGE_BYTES)
		*(volatile size_t *)(memory + at) = at | 1;
}
