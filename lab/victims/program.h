/* SPDX-License-Identifier: Apache-2.0 */
/* What hog and spawn-many share. */
#ifndef OOMSCOPE_LAB_PROGRAM_H
#define OOMSCOPE_LAB_PROGRAM_H

#include <stddef.h>
#include <stdnoreturn.h>

/* Ends the program unless the kernel's command line says that this is the lab: these programs use up memory. */
void only_in_the_lab(void);

/* µs of CLOCK_BOOTTIME: the clock of every oomscope event. */
long long boottime_us(void);

/*
 * One line of JSON on stdout: {"tUs":…,"program":…,"pid":…,"what":"…" and then `format`, which begins with a comma or is
 * empty}. Written at once, whole: a kill may follow.
 */
void log_line(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* 4096, 64K, 100M, 1G. */
size_t parse_size(const char *option, const char *text);
long parse_number(const char *option, const char *text, long min, long max);

void set_comm(const char *name);
void set_adj(long adj);
/* `path` is below the mount of the memory controller's hierarchy: lab/app. */
void join_cgroup(const char *path);
void die_with_parent(void);

/* Anonymous memory of its own, in small pages, so that sizes are what was asked for. Not touched yet. */
char *map_anon(size_t bytes);
void touch_pages(char *memory, size_t bytes);

extern const char *program_name;

#endif
