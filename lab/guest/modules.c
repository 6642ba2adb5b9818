/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

void load_modules(const struct lab_conf *conf)
{
	for (int i = 0; i < conf->module_count; i++) {
		char path[300];
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", conf->modules[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die("cannot open the module %s", path);
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			die("the kernel refuses the module %s", conf->modules[i]);
		close(fd);
		/* The initramfs is memory. */
		unlink(path);
	}
}
