/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/* QEMU's user network: a guest is 10.0.2.15. With restrict=on it reaches nobody. */
#define UPLINK "eth0"
#define UPLINK_ADDRESS "10.0.2.15"
#define UPLINK_NETMASK "255.255.255.0"

static struct sockaddr_in address_of(const char *text, unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, text, &address.sin_addr);
	return address;
}

static void configure(const char *name, const char *address, const char *netmask)
{
	struct ifreq request = {0};
	struct sockaddr_in value;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("no socket to configure %s with", name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (address) {
		value = address_of(address, 0);
		memcpy(&request.ifr_addr, &value, sizeof(value));
		if (ioctl(fd, SIOCSIFADDR, &request))
			die("cannot give %s its address", name);
		value = address_of(netmask, 0);
		memcpy(&request.ifr_netmask, &value, sizeof(value));
		if (ioctl(fd, SIOCSIFNETMASK, &request))
			die("cannot give %s its netmask", name);
	}
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		die("cannot read the flags of %s", name);
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("cannot bring up %s", name);
	close(fd);
}

void bring_up_loopback(void)
{
	configure("lo", NULL, NULL);
}

void bring_up_uplink(void)
{
	configure(UPLINK, UPLINK_ADDRESS, UPLINK_NETMASK);
}

/* Copies what is there. False at the end of `from`, or when `to` takes no more. */
static bool copy_some(int from, int to)
{
	static char buffer[64 * 1024];
	ssize_t got = read(from, buffer, sizeof(buffer));
	ssize_t at = 0;

	if (got <= 0)
		return false;
	while (at < got) {
		ssize_t put = write(to, buffer + at, (size_t)(got - at));

		if (put < 0)
			return false;
		at += put;
	}
	return true;
}

/* Blocking writes: a slow reader slows the writer, as it would without the proxy. */
static void relay(int outside, unsigned short port)
{
	struct sockaddr_in loopback = address_of("127.0.0.1", port);
	int inside = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd ends[2] = {{.fd = outside, .events = POLLIN}, {.events = POLLIN}};

	if (inside < 0 || connect(inside, (struct sockaddr *)&loopback, sizeof(loopback)))
		return;
	ends[1].fd = inside;
	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		if (poll(ends, 2, -1) < 0)
			return;
		if (ends[0].revents && !copy_some(outside, inside)) {
			shutdown(inside, SHUT_WR);
			ends[0].fd = -1;
		}
		if (ends[1].revents && !copy_some(inside, outside)) {
			shutdown(outside, SHUT_WR);
			ends[1].fd = -1;
		}
	}
}

int start_proxy(unsigned short port)
{
	struct sockaddr_in uplink = address_of(UPLINK_ADDRESS, port);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	pid_t child;

	if (listener < 0)
		return errno;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&uplink, sizeof(uplink)) || listen(listener, 64) ||
	    (child = fork()) < 0) {
		int error = errno;

		close(listener);
		return error;
	}
	if (child > 0) {
		close(listener);
		return 0;
	}
	prctl(PR_SET_NAME, "lab-proxy");
	/* A kill in the guest must not take away the page that shows it. */
	write_file("/proc/self/oom_score_adj", "-1000");
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int connection = accept(listener, NULL, NULL);

		if (connection < 0)
			continue;
		if (fork() == 0) {
			close(listener);
			relay(connection, port);
			_exit(0);
		}
		close(connection);
	}
}
