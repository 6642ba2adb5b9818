/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_LAB_HOG_H
#define OOMSCOPE_LAB_HOG_H

#include <stdbool.h>
#include <stddef.h>

/* A page is there in microseconds, unless the kernel makes the process wait: then for several ticks of its clock. */
#define SHORTEST_WAIT_US 4000

enum memory_kind {
	MEMORY_ANON,
	MEMORY_FILE,
	MEMORY_SHMEM,
	MEMORY_KINDS
};

struct hog_options {
	const char *comm;
	const char *cgroup;
	const char *file_path;
	long adj;
	size_t held[MEMORY_KINDS]; /* bytes taken before "ready" */
	size_t pageout;	  /* bytes of the anonymous memory that go to swap before "ready" */
	size_t grow;	  /* bytes taken after "ready" */
	size_t grow_rate; /* bytes per second; 0 = as fast as it goes */
	size_t log_every; /* bytes of growth between two log lines */
	enum memory_kind grow_kind;
	long memory_node; /* NUMA node that all memory comes from; -1 = any */
	long threads;	  /* more than the first, asleep */
	long children;	  /* processes, one after the other, each a hog of its own */
	long hold_exit_ms;
	long work_ms; /* ends by itself this long after it has grown; 0 = stays */
	bool wait_for_signal;
	bool time_waits; /* for single pages, while it grows */
	bool huge_pages;
	bool locked;
	bool busy;
	bool work_in_thread;
	bool leader_exits;
	bool vfork_child;
	bool die_with_parent;
};

/* hog_options.c */
void parse_options(int argc, char **argv, struct hog_options *options);

/* hog_memory.c */
/* Takes what is to be held before "ready". */
void hold_memory(const struct hog_options *options);
/* All memory of this process comes from one NUMA node from now on. */
void bind_to_node(long node);
void grow_memory(const struct hog_options *options);
/* How long grow_memory() waited for pages that took longer than SHORTEST_WAIT_US, if it was to look. */
long long waited_us(void);
/* Takes and gives back memory for ever: its counters move while it is scored. */
void churn_memory(void);

/* hog_tasks.c */
void start_sleeping_threads(long count);
/* Runs `work` in a second thread. With `leader_exits` the first one ends, and the process lives on without it. */
void run_in_thread(void (*work)(const struct hog_options *), const struct hog_options *options);
/* A child that shares this address space and sleeps; this thread waits for it, in the kernel. */
void sleep_in_vfork(void);
/* Whoever kills this process: it stays in its exit, memory and all, for `hold_ms`. */
void hold_own_exit(long hold_ms);

#endif
