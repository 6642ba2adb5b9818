/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lab's PID 1: it builds the guest out of the host's files, then runs what the host asks for.
 * One static program, so that it needs nothing of the guest and cannot be the OOM killer's victim.
 */
#ifndef OOMSCOPE_LAB_GUEST_H
#define OOMSCOPE_LAB_GUEST_H

#include <stdbool.h>

/* What the host wrote into /lab.conf of the initramfs: one "word value" a line. */
struct lab_conf {
	char modules[64][256]; /* files below /modules, in their order of loading */
	int module_count;
	char keep[16][1024]; /* host directories that stay visible below /tmp and /run */
	int keep_count;
	char kernel_modules[1024]; /* host path of lib/modules/RELEASE; empty = none */
	int cgroup_version;	   /* 1 or 2: where the memory controller is */
	bool net;
	bool probe; /* only show that user space is reached */
};

/* conf.c */
void read_conf(const char *path, struct lab_conf *conf);

/* say.c: lines for the host, on the serial console */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says why, with errno, and switches the machine off. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void power_off(void) __attribute__((noreturn));

/* modules.c */
void load_modules(const struct lab_conf *conf);

/* mounts.c */
void mount_kernel_views(void);
/* Leaves the initramfs: the root is the host's, read-only, with a layer in memory that takes the writes. */
void enter_host_root(const struct lab_conf *conf);
void mount_guest_views(const struct lab_conf *conf);
/* Path components that are not there are made, as by mkdir -p. */
void make_directories(const char *path);
/* False if the file did not take it. */
bool write_file(const char *path, const char *text);

/* net.c */
void bring_up_loopback(void);
void bring_up_uplink(void);
/* Starts a process that hands connections to the uplink's `port` on to loopback's. Returns 0 or an errno. */
int start_proxy(unsigned short port);

/* agent.c */
void serve_host(void) __attribute__((noreturn));

#endif
