/* SPDX-License-Identifier: Apache-2.0 */
/* A process that takes memory, to be killed for it. `hog --help` says how. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hog.h"
#include "program.h"

static void wait_for_start(void)
{
	sigset_t start;
	int number;

	sigemptyset(&start);
	sigaddset(&start, SIGUSR1);
	sigwait(&start, &number);
}

static void work(const struct hog_options *options)
{
	hold_memory(options);
	log_line(
		"ready",
		",\"adj\":%ld,\"anonBytes\":%zu,\"fileBytes\":%zu,\"shmemBytes\":%zu,\"pagedOutBytes\":%zu",
		options->adj, options->held[MEMORY_ANON], options->held[MEMORY_FILE],
		options->held[MEMORY_SHMEM], options->pageout);
	if (options->wait_for_signal)
		wait_for_start();
	if (options->grow) {
		grow_memory(options);
		log_line("grown", ",\"grownBytes\":%zu,\"waitedUs\":%lld", options->grow,
			 waited_us());
	}
	if (options->vfork_child)
		sleep_in_vfork();
	if (options->busy)
		churn_memory();
	if (options->work_ms) {
		usleep((useconds_t)options->work_ms * 1000);
		return;
	}
	for (;;)
		pause();
}

static void be_hog(const struct hog_options *options)
{
	set_comm(options->comm);
	/* Before anything is taken, so that it is charged there. */
	if (options->cgroup)
		join_cgroup(options->cgroup);
	set_adj(options->adj);
	if (options->hold_exit_ms)
		hold_own_exit(options->hold_exit_ms);
	if (options->memory_node >= 0)
		bind_to_node(options->memory_node);
	start_sleeping_threads(options->threads);
	/* Its own code as well: or it would wait for the disk, again and again, when memory runs out. */
	if (options->locked && mlockall(MCL_CURRENT))
		fail("cannot lock itself in memory: %s", strerror(errno));
	if (options->work_in_thread || options->leader_exits)
		run_in_thread(work, options);
	else
		work(options);
}

/* Many kills in a row at little cost: no exec, and this process is no candidate. */
static void run_children(const struct hog_options *options)
{
	set_comm("hog-parent");
	set_adj(-1000);
	for (long n = 1; n <= options->children; n++) {
		pid_t child = fork();
		int status;

		if (child < 0)
			fail("cannot fork: %s", strerror(errno));
		if (child == 0) {
			die_with_parent();
			be_hog(options);
			_exit(0);
		}
		while (waitpid(child, &status, 0) < 0)
			if (errno != EINTR)
				fail("cannot wait for %d: %s", child, strerror(errno));
		log_line("child-ended", ",\"number\":%ld,\"child\":%d,\"signal\":%d,\"status\":%d",
			 n, child, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			 WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	}
}

int main(int argc, char **argv)
{
	static struct hog_options options;
	sigset_t start;

	program_name = "hog";
	parse_options(argc, argv, &options);
	only_in_the_lab();
	signal(SIGPIPE, SIG_IGN);
	/* In every thread: it waits until someone asks for it. */
	sigemptyset(&start);
	sigaddset(&start, SIGUSR1);
	sigprocmask(SIG_BLOCK, &start, NULL);
	if (options.die_with_parent)
		die_with_parent();
	if (options.children)
		run_children(&options);
	else
		be_hog(&options);
	return 0;
}
