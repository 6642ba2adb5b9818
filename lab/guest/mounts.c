/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define NEW_ROOT "/newroot"

/* Hidden below an empty file system of the guest's own: what runs on the host leaves sockets and locks there. */
static const char *const own_directories[] = {"/tmp", "/run"};

void make_directories(const char *path)
{
	char part[1100];

	if (strlen(path) >= sizeof(part))
		die("too long for the lab: %s", path);
	for (const char *end = path + 1;; end++) {
		if (*end != '/' && *end != '\0')
			continue;
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			die("cannot make the directory %s", part);
		if (*end == '\0')
			return;
	}
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

static void mount_at(const char *type, const char *path, unsigned long flags, const char *options)
{
	make_directories(path);
	if (mount(type, path, type, flags, options))
		die("cannot mount %s at %s", type, path);
}

void mount_kernel_views(void)
{
	mount_at("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount_at("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount_at("devtmpfs", "/dev", MS_NOSUID, "mode=755");
}

/* The directory as a file descriptor: it stays reachable when something else is mounted above it. */
static int hold_directory(const char *root, const char *path)
{
	char full[1100];
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	fd = open(full, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die("the host's directory %s is not visible in the guest", path);
	return fd;
}

static void bind_held(int fd, const char *path)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (mount(source, path, NULL, MS_BIND, NULL))
		die("cannot show the host's directory at %s", path);
	close(fd);
}

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return !strncmp(path, directory, length) && path[length] == '/';
}

/* The project, or Node itself, may live below /tmp: those directories stay where they are. */
static void mount_own_directories(const struct lab_conf *conf)
{
	for (size_t d = 0; d < sizeof(own_directories) / sizeof(own_directories[0]); d++) {
		const char *own = own_directories[d];
		int held[16];

		for (int i = 0; i < conf->keep_count; i++)
			held[i] = is_below(conf->keep[i], own) ? hold_directory("", conf->keep[i])
							       : -1;
		mount_at("tmpfs", own, MS_NOSUID | MS_NODEV,
			 strcmp(own, "/tmp") ? "mode=755" : "mode=1777");
		for (int i = 0; i < conf->keep_count; i++) {
			if (held[i] < 0)
				continue;
			make_directories(conf->keep[i]);
			bind_held(held[i], conf->keep[i]);
		}
	}
}

void enter_host_root(const struct lab_conf *conf)
{
	static const char *const kernel_views[] = {"/proc", "/sys", "/dev"};
	int kernel_modules = -1;

	make_directories("/host");
	/* cache=loose: the guest alone reads; without it each page of Node would be a round trip. */
	if (mount("hostroot", "/host", "9p", MS_RDONLY,
		  "trans=virtio,version=9p2000.L,cache=loose,msize=524288"))
		die("cannot mount the host's root");
	mount_at("tmpfs", "/layer", 0, "mode=755");
	make_directories("/layer/upper");
	make_directories("/layer/work");
	make_directories(NEW_ROOT);
	if (mount("overlay", NEW_ROOT, "overlay", 0,
		  "lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work"))
		die("cannot lay a writable layer over the host's root");
	if (conf->kernel_modules[0])
		kernel_modules = hold_directory("/host", conf->kernel_modules);

	for (size_t i = 0; i < sizeof(kernel_views) / sizeof(kernel_views[0]); i++) {
		char target[64];

		snprintf(target, sizeof(target), NEW_ROOT "%s", kernel_views[i]);
		if (mount(kernel_views[i], target, NULL, MS_MOVE, NULL))
			die("cannot move %s into the guest's root", kernel_views[i]);
	}
	if (chdir(NEW_ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("cannot enter the guest's root");

	mount_own_directories(conf);
	if (kernel_modules >= 0) {
		const char *release = strrchr(conf->kernel_modules, '/');
		char path[400];

		snprintf(path, sizeof(path), "/lib/modules%s", release ? release : "");
		make_directories(path);
		bind_held(kernel_modules, path);
	}
}

/* For what is good to have: a kernel may be built without it. */
static void try_mount(const char *type, const char *path, unsigned long flags, const char *options)
{
	if (access(path, F_OK) || mount(type, path, type, flags, options))
		say("no %s at %s: %s", type, path, strerror(errno));
}

/*
 * Without cpuset: its first cgroup and its last one patch the kernel's page allocator, and QEMU before
 * 8.1 may run a half-patched instruction, which costs the guest its life.
 */
static void mount_cgroup_v2(void)
{
	static const char *const controllers[] = {"+memory", "+pids", "+cpu", "+io"};

	mount_at("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		 "nsdelegate,memory_recursiveprot");
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (write_file("/sys/fs/cgroup/cgroup.subtree_control", controllers[i]))
			continue;
		if (i == 0)
			die("no memory controller in cgroup v2");
		say("no cgroup controller %s", controllers[i] + 1);
	}
}

static void mount_cgroup_v1(void)
{
	static const char *const controllers[] = {"memory", "pids", "cpu,cpuacct", "cpuset",
						  "freezer"};

	mount_at("tmpfs", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755");
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", controllers[i]);
		make_directories(path);
		if (!mount("cgroup", path, "cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			   controllers[i]))
			continue;
		if (i == 0)
			die("this kernel has no memory controller in cgroup v1");
		say("no cgroup v1 controller %s", controllers[i]);
	}
	mount_at("cgroup2", "/sys/fs/cgroup/unified", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		 "nsdelegate");
}

void mount_guest_views(const struct lab_conf *conf)
{
	const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	/* What udev would add: bash's <(…) needs them. */
	if (symlink("/proc/self/fd", "/dev/fd") || symlink("fd/0", "/dev/stdin") ||
	    symlink("fd/1", "/dev/stdout") || symlink("fd/2", "/dev/stderr"))
		die("cannot make the links of /dev");
	mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666");
	mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	make_directories("/run/lock");
	if (conf->cgroup_version == 1)
		mount_cgroup_v1();
	else
		mount_cgroup_v2();
	/* 1777: whoever has the capabilities may pin, with no other right. */
	try_mount("bpf", "/sys/fs/bpf", plain, "mode=1777");
	try_mount("tracefs", "/sys/kernel/tracing", plain, "");
	try_mount("debugfs", "/sys/kernel/debug", plain, "");
	try_mount("securityfs", "/sys/kernel/security", plain, "");
}
