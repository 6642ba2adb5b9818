/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands for the host, many at a time, and sends back what they print and how they end.
 * One thread; it never waits for a command. It does wait for the host to read: the host always does.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "guest.h"
#include "protocol.h"

#define BEAT_MS 2000
#define PORT_WAIT_MS 30000

static int port = -1;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void put_u32(unsigned char *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const unsigned char *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
	       (uint32_t)from[3] << 24;
}

static void write_port(const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t put = write(port, at, length);

		if (put < 0 && errno == EINTR)
			continue;
		/* Without its host the guest has no purpose. */
		if (put <= 0)
			power_off();
		at += put;
		length -= (size_t)put;
	}
}

void send_frame(enum frame_type type, uint32_t stream, const void *payload, size_t length)
{
	/* One write for a small frame: each costs an exit to QEMU. */
	unsigned char frame[FRAME_HEADER_BYTES + 4096];

	put_u32(frame, (uint32_t)length);
	put_u32(frame + 4, stream);
	frame[8] = (unsigned char)type;
	if (length <= sizeof(frame) - FRAME_HEADER_BYTES) {
		memcpy(frame + FRAME_HEADER_BYTES, payload, length);
		write_port(frame, FRAME_HEADER_BYTES + length);
		return;
	}
	write_port(frame, FRAME_HEADER_BYTES);
	write_port(payload, length);
}

void send_number(enum frame_type type, uint32_t stream, uint32_t value)
{
	unsigned char bytes[4];

	put_u32(bytes, value);
	send_frame(type, stream, bytes, sizeof(bytes));
}

/* Payload: octal mode NUL path NUL bytes. Returns 0 or an errno. */
static int store_file(const char *payload, size_t length, int how)
{
	const char *end = payload + length;
	const char *path = memchr(payload, '\0', length);
	const char *bytes = path ? memchr(path + 1, '\0', (size_t)(end - path - 1)) : NULL;
	mode_t mode;
	int fd;

	if (!bytes)
		return EINVAL;
	mode = (mode_t)strtoul(payload, NULL, 8);
	fd = open(path + 1, O_WRONLY | O_CREAT | O_CLOEXEC | how, mode);
	if (fd < 0)
		return errno;
	fchmod(fd, mode); /* whatever the umask says */
	for (bytes++; bytes < end;) {
		ssize_t put = write(fd, bytes, (size_t)(end - bytes));

		if (put < 0) {
			int error = errno;

			close(fd);
			return error;
		}
		bytes += put;
	}
	return close(fd) ? errno : 0;
}

static void obey(enum frame_type type, uint32_t stream, char *payload, size_t length)
{
	int error;

	switch (type) {
	case FRAME_SPAWN:
		error = start_command(stream, payload, length);
		if (error)
			send_number(FRAME_RESULT, stream, (uint32_t)error);
		break;
	case FRAME_SIGNAL:
		if (length == 4)
			signal_command(stream, (int)get_u32((unsigned char *)payload));
		break;
	case FRAME_FILE:
		send_number(FRAME_RESULT, stream, (uint32_t)store_file(payload, length, O_TRUNC));
		break;
	case FRAME_FILE_APPEND:
		send_number(FRAME_RESULT, stream, (uint32_t)store_file(payload, length, O_APPEND));
		break;
	case FRAME_PROXY:
		error = length == 2 ? start_proxy((unsigned short)((unsigned char)payload[0] |
								   (unsigned char)payload[1] << 8))
				    : EINVAL;
		send_number(FRAME_RESULT, stream, (uint32_t)error);
		break;
	default:
		errno = 0;
		die("the host sent a frame of an unknown type: %d", type);
	}
}

/* Takes what has arrived; obeys each frame that is whole. */
static void read_port(void)
{
	static char buffer[FRAME_HEADER_BYTES + FRAME_MAX_BYTES + 1];
	static size_t filled;
	ssize_t got = read(port, buffer + filled, sizeof(buffer) - 1 - filled);
	size_t at = 0;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0)
		power_off();
	filled += (size_t)got;
	while (filled - at >= FRAME_HEADER_BYTES) {
		unsigned char *header = (unsigned char *)buffer + at;
		size_t length = get_u32(header);
		char *payload = buffer + at + FRAME_HEADER_BYTES;
		char after;

		errno = 0;
		if (length > FRAME_MAX_BYTES)
			die("the host sent a frame of %zu bytes", length);
		if (filled - at < FRAME_HEADER_BYTES + length)
			break;
		/* A NUL behind the payload: its strings end, whatever the host sent. */
		after = payload[length];
		payload[length] = '\0';
		obey((enum frame_type)header[8], get_u32(header + 4), payload, length);
		payload[length] = after;
		at += FRAME_HEADER_BYTES + length;
	}
	memmove(buffer, buffer + at, filled - at);
	filled -= at;
}

/* devtmpfs names ports by number; sysfs knows what the host called them. */
static bool find_port(char *path, size_t size)
{
	DIR *directory = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		char name_path[300], name[64] = "";
		FILE *file;

		snprintf(name_path, sizeof(name_path), "/sys/class/virtio-ports/%.64s/name",
			 entry->d_name);
		file = fopen(name_path, "re");
		if (!file)
			continue;
		found = fgets(name, sizeof(name), file) &&
			!strncmp(name, LAB_PORT_NAME, strlen(LAB_PORT_NAME));
		if (found)
			snprintf(path, size, "/dev/%.64s", entry->d_name);
		fclose(file);
	}
	if (directory)
		closedir(directory);
	return found;
}

static void open_port(void)
{
	const long long deadline_ms = now_ms() + PORT_WAIT_MS;
	char path[128];

	/* The port appears a moment after its driver. */
	while (!find_port(path, sizeof(path)) || (port = open(path, O_RDWR | O_CLOEXEC)) < 0) {
		if (now_ms() > deadline_ms)
			die("no virtio port named " LAB_PORT_NAME);
		usleep(20 * 1000);
	}
}

void serve_host(void)
{
	static struct pollfd polled[2 + 2 * MAX_COMMANDS];
	long long beat_ms = now_ms();
	struct utsname kernel;
	sigset_t signals;
	int children;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	children = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	open_port();
	uname(&kernel);
	send_frame(FRAME_HELLO, 0, kernel.release, strlen(kernel.release));

	for (;;) {
		int count = 2;

		polled[0] = (struct pollfd){.fd = port, .events = POLLIN};
		polled[1] = (struct pollfd){.fd = children, .events = POLLIN};
		count += poll_commands(polled + 2);
		poll(polled, (nfds_t)count, BEAT_MS);
		if (now_ms() - beat_ms >= BEAT_MS) {
			beat_ms = now_ms();
			send_frame(FRAME_BEAT, 0, "", 0);
		}
		relay_output(polled + 2, count - 2);
		if (polled[1].revents) {
			struct signalfd_siginfo info;

			while (read(children, &info, sizeof(info)) > 0)
				;
			reap_children();
		}
		if (polled[0].revents & POLLHUP)
			power_off();
		if (polled[0].revents & POLLIN)
			read_port();
	}
}
