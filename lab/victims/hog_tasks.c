/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hog.h"
#include "program.h"

#define STACK_BYTES (64 * 1024)

struct work {
	void (*run)(const struct hog_options *options);
	const struct hog_options *options;
};

static pthread_t start_thread(void *(*body)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&thread, &attributes, body, argument);
	if (error)
		fail("cannot start a thread: %s", strerror(error));
	return thread;
}

static void *sleep_for_ever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

void start_sleeping_threads(long count)
{
	for (long n = 0; n < count; n++)
		start_thread(sleep_for_ever, NULL);
}

static void *run_work(void *argument)
{
	struct work *work = argument;

	work->run(work->options);
	_exit(0);
}

void run_in_thread(void (*run)(const struct hog_options *), const struct hog_options *options)
{
	static struct work work;

	work = (struct work){.run = run, .options = options};
	start_thread(run_work, &work);
	/* The bare system call: this thread alone ends, as a zombie that leads the others. */
	if (options->leader_exits)
		syscall(SYS_exit, 0);
	sleep_for_ever(NULL);
}

void sleep_in_vfork(void)
{
	pid_t child = vfork();

	if (child == 0) {
		/* This stack is the parent's: nothing but system calls here. */
		syscall(SYS_prctl, PR_SET_NAME, "hog-vforked", 0, 0, 0);
		/* Else it would go on holding the memory. */
		syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			syscall(SYS_pause);
	}
	if (child < 0)
		fail("cannot vfork: %s", strerror(errno));
}

static void trace_exit(pid_t victim, long hold_ms, int told)
{
	const struct timespec hold = {.tv_sec = hold_ms / 1000,
				      .tv_nsec = hold_ms % 1000 * 1000000};
	int status;

	/* It must outlive the victim, and is no part of its cgroup. */
	set_comm("exit-holder");
	set_adj(-1000);
	join_cgroup("");
	if (ptrace(PTRACE_SEIZE, victim, NULL, PTRACE_O_TRACEEXIT))
		fail("cannot trace %d: %s", victim, strerror(errno));
	(void)!write(told, "", 1);
	close(told);
	while (waitpid(victim, &status, __WALL) == victim && WIFSTOPPED(status)) {
		bool exiting = status >> 16 == PTRACE_EVENT_EXIT;

		if (exiting) {
			log_line("exit-held", ",\"held\":%d", victim);
			nanosleep(&hold, NULL);
			log_line("exit-released", ",\"held\":%d", victim);
		}
		ptrace(PTRACE_CONT, victim, NULL, exiting || status >> 16 ? 0 : WSTOPSIG(status));
	}
}

void hold_own_exit(long hold_ms)
{
	pid_t self = getpid();
	int told[2];
	char byte;

	if (pipe(told))
		fail("cannot make a pipe: %s", strerror(errno));
	switch (fork()) {
	case -1:
		fail("cannot fork: %s", strerror(errno));
	case 0:
		close(told[0]);
		trace_exit(self, hold_ms, told[1]);
		_exit(0);
	}
	close(told[1]);
	if (read(told[0], &byte, 1) != 1)
		fail("its exit could not be held");
	close(told[0]);
}
