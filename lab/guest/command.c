/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

#define MAX_WORDS 1024

struct command {
	uint32_t stream;
	pid_t pid;    /* 0 = the slot is free */
	int pipes[2]; /* its stdout and stderr; -1 = closed */
	bool ended; /* reported; the pipes are read on, for what it left running, and that is dropped */
};

static struct command commands[MAX_COMMANDS];
static const enum frame_type output_types[2] = {FRAME_STDOUT, FRAME_STDERR};

static struct command *find_command(uint32_t stream)
{
	for (int i = 0; i < MAX_COMMANDS; i++)
		if (commands[i].pid && commands[i].stream == stream)
			return &commands[i];
	return NULL;
}

static struct command *free_slot(void)
{
	for (int i = 0; i < MAX_COMMANDS; i++)
		if (!commands[i].pid)
			return &commands[i];
	return NULL;
}

/* The next NUL-ended word; NULL when there is none left. */
static char *next_word(char **at, const char *end)
{
	char *word = *at;

	if (word >= end)
		return NULL;
	*at = word + strlen(word) + 1;
	return word;
}

static void run(const char *cwd, char **argv, char **environment, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	if (chdir(cwd)) {
		dprintf(STDERR_FILENO, "lab: cannot enter %s: %s\n", cwd, strerror(errno));
		_exit(126);
	}
	environ = environment;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "lab: cannot run %s: %s\n", argv[0], strerror(errno));
	/* As shells have it. */
	_exit(errno == ENOENT ? 127 : 126);
}

int start_command(uint32_t stream, char *payload, size_t length)
{
	static char *words[MAX_WORDS + 2];
	struct command *command = free_slot();
	const char *end = payload + length;
	char *at = payload;
	const char *cwd = next_word(&at, end);
	const char *argc_text = next_word(&at, end);
	int argc = argc_text ? atoi(argc_text) : 0;
	int count = 0, out[2], err[2];
	char *word;

	/* words: the arguments, NULL, the environment, NULL */
	while (count < MAX_WORDS && (word = next_word(&at, end))) {
		if (count == argc)
			words[count++] = NULL;
		words[count++] = word;
	}
	if (argc < 1 || count < argc || at < end)
		return E2BIG;
	if (count == argc)
		words[count++] = NULL;
	words[count] = NULL;
	if (!command)
		return EAGAIN;

	if (pipe2(out, O_CLOEXEC))
		return errno;
	if (pipe2(err, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return EMFILE;
	}
	command->pid = fork();
	if (command->pid == 0)
		run(cwd, words, words + argc + 1, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (command->pid < 0) {
		int error = errno;

		command->pid = 0;
		close(out[0]);
		close(err[0]);
		return error;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	command->stream = stream;
	command->pipes[0] = out[0];
	command->pipes[1] = err[0];
	command->ended = false;
	return 0;
}

void signal_command(uint32_t stream, int number)
{
	struct command *command = find_command(stream);

	if (command)
		kill(-command->pid, number);
}

int poll_commands(struct pollfd *polled)
{
	int count = 0;

	for (int i = 0; i < MAX_COMMANDS; i++) {
		if (!commands[i].pid)
			continue;
		for (int p = 0; p < 2; p++)
			if (commands[i].pipes[p] >= 0)
				polled[count++] = (struct pollfd){.fd = commands[i].pipes[p],
								  .events = POLLIN};
	}
	return count;
}

/* Sends one buffer of what the pipe holds. False = nothing more at present. */
static bool relay_once(struct command *command, int p)
{
	static char buffer[64 * 1024];
	ssize_t got;

	if (command->pipes[p] < 0)
		return false;
	got = read(command->pipes[p], buffer, sizeof(buffer));
	if (got > 0) {
		if (!command->ended)
			send_frame(output_types[p], command->stream, buffer, (size_t)got);
		return true;
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(command->pipes[p]);
		command->pipes[p] = -1;
	}
	return false;
}

static void free_if_done(struct command *command)
{
	if (command->ended && command->pipes[0] < 0 && command->pipes[1] < 0)
		command->pid = 0;
}

void relay_output(const struct pollfd *polled, int count)
{
	for (int n = 0; n < count; n++) {
		if (!polled[n].revents)
			continue;
		for (int i = 0; i < MAX_COMMANDS; i++) {
			if (!commands[i].pid)
				continue;
			for (int p = 0; p < 2; p++)
				if (commands[i].pipes[p] == polled[n].fd)
					relay_once(&commands[i], p);
			free_if_done(&commands[i]);
		}
	}
}

static void report_end(struct command *command, int status)
{
	/*
	 * What it had printed itself is in the pipes by now. What it left running may print for ever: at most a pipe's
	 * worth of that is sent.
	 */
	for (int p = 0; p < 2; p++)
		for (int n = 0; n < 16 && relay_once(command, p); n++)
			;
	send_number(FRAME_EXIT, command->stream, (uint32_t)status);
	command->ended = true;
	free_if_done(command);
}

void reap_children(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < MAX_COMMANDS; i++)
			if (commands[i].pid == pid && !commands[i].ended)
				report_end(&commands[i], status);
}
