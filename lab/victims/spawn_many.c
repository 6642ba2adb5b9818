/* SPDX-License-Identifier: Apache-2.0 */
/* Hundreds of sleeping processes at little cost: one program, forked. `spawn-many --help` says how. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

static const char help[] =
	"spawn-many COUNT: COUNT processes that sleep. Runs only in the lab.\n"
	"\n"
	"  --comm NAME        their name (sleeper)\n"
	"  --adj N            their oom_score_adj (0)\n"
	"  --cgroup PATH      they join it; below the cgroup mount, such as lab/app\n"
	"  --anon SIZE        each takes this much of its own (0)\n"
	"  --die-with-parent  is killed when its parent ends\n"
	"\n"
	"Prints one line of JSON with their pids when all are there. They end with it.\n";

struct many_options {
	const char *comm;
	const char *cgroup;
	long adj;
	size_t anon;
	long count;
};

static void parse_options(int argc, char **argv, struct many_options *options)
{
	static const struct option known[] = {
		{"comm", required_argument, NULL, 'c'},
		{"adj", required_argument, NULL, 'a'},
		{"cgroup", required_argument, NULL, 'g'},
		{"anon", required_argument, NULL, 'm'},
		{"die-with-parent", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int name;

	*options = (struct many_options){.comm = "sleeper"};
	while ((name = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (name) {
		case 'c':
			options->comm = optarg;
			break;
		case 'a':
			options->adj = parse_number("--adj", optarg, -1000, 1000);
			break;
		case 'g':
			options->cgroup = optarg;
			break;
		case 'm':
			options->anon = parse_size("--anon", optarg);
			break;
		case 'd':
			die_with_parent();
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			exit(2); /* getopt has said why */
		}
	}
	if (optind + 1 != argc)
		fail("takes the number of processes; --help lists what there is");
	options->count = parse_number("COUNT", argv[optind], 1, 10000);
}

static void sleeper(const struct many_options *options, int told)
{
	die_with_parent();
	set_comm(options->comm);
	if (options->cgroup)
		join_cgroup(options->cgroup);
	set_adj(options->adj);
	if (options->anon)
		touch_pages(map_anon(options->anon), options->anon);
	(void)!write(told, "", 1);
	close(told);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static struct many_options options;
	static pid_t pids[10000];
	int told[2];
	char byte;

	program_name = "spawn-many";
	parse_options(argc, argv, &options);
	only_in_the_lab();
	if (pipe(told))
		fail("cannot make a pipe: %s", strerror(errno));
	/* This one is not to be killed in their place. */
	set_adj(-1000);
	for (long n = 0; n < options.count; n++) {
		pids[n] = fork();
		if (pids[n] < 0)
			fail("cannot fork process %ld: %s", n + 1, strerror(errno));
		if (pids[n] == 0) {
			close(told[0]);
			sleeper(&options, told[1]);
		}
	}
	close(told[1]);
	for (long n = 0; n < options.count; n++)
		if (read(told[0], &byte, 1) != 1)
			fail("only %ld of %ld processes came up", n, options.count);
	printf("{\"tUs\":%lld,\"program\":\"spawn-many\",\"pid\":%d,\"what\":\"ready\",\"adj\":%ld,\"pids\":[",
	       boottime_us(), getpid(), options.adj);
	for (long n = 0; n < options.count; n++)
		printf("%s%d", n ? "," : "", pids[n]);
	printf("]}\n");
	fflush(stdout);
	signal(SIGCHLD, SIG_IGN);
	for (;;)
		pause();
}
