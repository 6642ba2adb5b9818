/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

/* The host tells these lines from the kernel's by their beginning: src/lab/console.ts. */
static void say_line(const char *kind, const char *format, va_list args, const char *reason)
{
	char line[1024];
	int at = snprintf(line, sizeof(line), "oomscope-lab: %s", kind);

	at += vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
	if (at > (int)sizeof(line) - 2)
		at = (int)sizeof(line) - 2;
	if (reason)
		at += snprintf(line + at, sizeof(line) - (size_t)at, ": %s", reason);
	if (at > (int)sizeof(line) - 2)
		at = (int)sizeof(line) - 2;
	line[at++] = '\n';
	/* Nobody is left to tell if the console refuses. */
	(void)!write(STDERR_FILENO, line, (size_t)at);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("", format, args, NULL);
	va_end(args);
}

void die(const char *format, ...)
{
	const char *reason = errno ? strerror(errno) : NULL;
	va_list args;

	va_start(args, format);
	say_line("failed: ", format, args, reason);
	va_end(args);
	power_off();
}

void power_off(void)
{
	/* Nothing to sync: every writable file is in memory. */
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
