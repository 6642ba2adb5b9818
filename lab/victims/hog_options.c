/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hog.h"
#include "program.h"

static const char help[] =
	"hog: a process that takes memory, to be killed for it. Runs only in the lab.\n"
	"\n"
	"  --comm NAME          its name, at most 15 bytes\n"
	"  --adj N              its oom_score_adj, -1000 to 1000 (0)\n"
	"  --cgroup PATH        joins it first; below the cgroup mount, such as lab/app\n"
	"  --anon SIZE          takes this much anonymous memory before it is ready\n"
	"  --shmem SIZE         ... shared memory\n"
	"  --file SIZE          ... of the file below, mapped and read\n"
	"  --file-path PATH     made as long as needed if it is shorter\n"
	"  --pageout SIZE       moves this much of the anonymous memory to swap\n"
	"  --memory-node N      takes all memory from this NUMA node\n"
	"  --lock               locks what it takes: it cannot be swapped or reclaimed\n"
	"  --huge-pages         may use huge pages\n"
	"  --threads N          N more threads, asleep\n"
	"  --wait               after \"ready\", waits for SIGUSR1\n"
	"  --grow SIZE          then takes this much more\n"
	"  --grow-rate SIZE     per second (as fast as it goes)\n"
	"  --grow-kind KIND     anon, shmem or file (anon)\n"
	"  --time-waits         tells how long it waited for pages, those of 4 ms and more\n"
	"  --log-every SIZE     one line for each so much of growth (16M)\n"
	"  --busy               then takes and gives back 1 MiB for ever\n"
	"  --stay MS            then ends by itself after MS (stays)\n"
	"  --work-in-thread     all this is done by a second thread\n"
	"  --leader-exits       ... and the first one has ended\n"
	"  --vfork              then sleeps in vfork(), its child shares its memory\n"
	"  --hold-exit MS       when killed, stays in its exit with its memory for MS\n"
	"  --children N         N such processes, one after the other; this one only waits for them\n"
	"  --die-with-parent    is killed when its parent ends\n"
	"\n"
	"SIZE: 4096, 64K, 100M, 1G. Each line of output is JSON; tUs is CLOCK_BOOTTIME in microseconds.\n";

enum option_name {
	OPTION_COMM = 256,
	OPTION_ADJ,
	OPTION_CGROUP,
	OPTION_ANON,
	OPTION_SHMEM,
	OPTION_FILE,
	OPTION_FILE_PATH,
	OPTION_PAGEOUT,
	OPTION_MEMORY_NODE,
	OPTION_LOCK,
	OPTION_HUGE_PAGES,
	OPTION_THREADS,
	OPTION_WAIT,
	OPTION_GROW,
	OPTION_GROW_RATE,
	OPTION_GROW_KIND,
	OPTION_TIME_WAITS,
	OPTION_LOG_EVERY,
	OPTION_BUSY,
	OPTION_STAY,
	OPTION_WORK_IN_THREAD,
	OPTION_LEADER_EXITS,
	OPTION_VFORK,
	OPTION_HOLD_EXIT,
	OPTION_CHILDREN,
	OPTION_DIE_WITH_PARENT,
	OPTION_HELP,
};

static const struct option known[] = {
	{"comm", required_argument, NULL, OPTION_COMM},
	{"adj", required_argument, NULL, OPTION_ADJ},
	{"cgroup", required_argument, NULL, OPTION_CGROUP},
	{"anon", required_argument, NULL, OPTION_ANON},
	{"shmem", required_argument, NULL, OPTION_SHMEM},
	{"file", required_argument, NULL, OPTION_FILE},
	{"file-path", required_argument, NULL, OPTION_FILE_PATH},
	{"pageout", required_argument, NULL, OPTION_PAGEOUT},
	{"memory-node", required_argument, NULL, OPTION_MEMORY_NODE},
	{"lock", no_argument, NULL, OPTION_LOCK},
	{"huge-pages", no_argument, NULL, OPTION_HUGE_PAGES},
	{"threads", required_argument, NULL, OPTION_THREADS},
	{"wait", no_argument, NULL, OPTION_WAIT},
	{"grow", required_argument, NULL, OPTION_GROW},
	{"grow-rate", required_argument, NULL, OPTION_GROW_RATE},
	{"grow-kind", required_argument, NULL, OPTION_GROW_KIND},
	{"time-waits", no_argument, NULL, OPTION_TIME_WAITS},
	{"log-every", required_argument, NULL, OPTION_LOG_EVERY},
	{"busy", no_argument, NULL, OPTION_BUSY},
	{"stay", required_argument, NULL, OPTION_STAY},
	{"work-in-thread", no_argument, NULL, OPTION_WORK_IN_THREAD},
	{"leader-exits", no_argument, NULL, OPTION_LEADER_EXITS},
	{"vfork", no_argument, NULL, OPTION_VFORK},
	{"hold-exit", required_argument, NULL, OPTION_HOLD_EXIT},
	{"children", required_argument, NULL, OPTION_CHILDREN},
	{"die-with-parent", no_argument, NULL, OPTION_DIE_WITH_PARENT},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

static enum memory_kind parse_kind(const char *text)
{
	static const char *const names[MEMORY_KINDS] = {
		[MEMORY_ANON] = "anon", [MEMORY_FILE] = "file", [MEMORY_SHMEM] = "shmem"};

	for (int kind = 0; kind < MEMORY_KINDS; kind++)
		if (!strcmp(text, names[kind]))
			return (enum memory_kind)kind;
	fail("--grow-kind takes anon, shmem or file, not '%s'", text);
}

static void take(struct hog_options *options, int name, const char *text)
{
	switch ((enum option_name)name) {
	case OPTION_COMM:
		options->comm = text;
		break;
	case OPTION_ADJ:
		options->adj = parse_number("--adj", text, -1000, 1000);
		break;
	case OPTION_CGROUP:
		options->cgroup = text;
		break;
	case OPTION_ANON:
		options->held[MEMORY_ANON] = parse_size("--anon", text);
		break;
	case OPTION_SHMEM:
		options->held[MEMORY_SHMEM] = parse_size("--shmem", text);
		break;
	case OPTION_FILE:
		options->held[MEMORY_FILE] = parse_size("--file", text);
		break;
	case OPTION_FILE_PATH:
		options->file_path = text;
		break;
	case OPTION_PAGEOUT:
		options->pageout = parse_size("--pageout", text);
		break;
	case OPTION_MEMORY_NODE:
		options->memory_node = parse_number("--memory-node", text, 0, 63);
		break;
	case OPTION_LOCK:
		options->locked = true;
		break;
	case OPTION_HUGE_PAGES:
		options->huge_pages = true;
		break;
	case OPTION_THREADS:
		options->threads = parse_number("--threads", text, 0, 1000);
		break;
	case OPTION_WAIT:
		options->wait_for_signal = true;
		break;
	case OPTION_GROW:
		options->grow = parse_size("--grow", text);
		break;
	case OPTION_GROW_RATE:
		options->grow_rate = parse_size("--grow-rate", text);
		break;
	case OPTION_GROW_KIND:
		options->grow_kind = parse_kind(text);
		break;
	case OPTION_TIME_WAITS:
		options->time_waits = true;
		break;
	case OPTION_LOG_EVERY:
		options->log_every = parse_size("--log-every", text);
		break;
	case OPTION_BUSY:
		options->busy = true;
		break;
	case OPTION_STAY:
		options->work_ms = parse_number("--stay", text, 1, 3600 * 1000);
		break;
	case OPTION_WORK_IN_THREAD:
		options->work_in_thread = true;
		break;
	case OPTION_LEADER_EXITS:
		options->leader_exits = true;
		break;
	case OPTION_VFORK:
		options->vfork_child = true;
		break;
	case OPTION_HOLD_EXIT:
		options->hold_exit_ms = parse_number("--hold-exit", text, 1, 60 * 1000);
		break;
	case OPTION_CHILDREN:
		options->children = parse_number("--children", text, 1, 100000);
		break;
	case OPTION_DIE_WITH_PARENT:
		options->die_with_parent = true;
		break;
	case OPTION_HELP:
		fputs(help, stdout);
		exit(0);
	}
}

void parse_options(int argc, char **argv, struct hog_options *options)
{
	int name;

	*options = (struct hog_options){.comm = "hog", .memory_node = -1, .log_every = 16 << 20};
	while ((name = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (name == '?')
			exit(2); /* getopt has said why */
		take(options, name, optarg);
	}
	if (optind < argc)
		fail("unknown argument '%s'; --help lists what there is", argv[optind]);
	if (!options->file_path &&
	    (options->held[MEMORY_FILE] || (options->grow && options->grow_kind == MEMORY_FILE)))
		fail("file memory needs --file-path");
	if (options->pageout > options->held[MEMORY_ANON])
		fail("--pageout is more than --anon");
	if (!options->log_every)
		fail("--log-every must be more than 0");
}
