/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

int main(void)
{
	static struct lab_conf conf;

	/* In the lab's initramfs this is PID 1. Anywhere else it would mount over what is there. */
	if (getpid() != 1)
		return 2;
	mount_kernel_views();
	read_conf("/lab.conf", &conf);
	if (conf.probe) {
		say("user space reached");
		power_off();
	}
	say("loading modules");
	load_modules(&conf);
	say("mounting the host's files");
	enter_host_root(&conf);
	mount_guest_views(&conf);
	bring_up_loopback();
	if (conf.net)
		bring_up_uplink();
	if (sethostname("oomscope-lab", 12))
		die("cannot set the host name");
	/* From here only a panic is worth the slow serial line. The kernel log keeps the rest. */
	write_file("/proc/sys/kernel/printk", "1");
	/* The agent answers while the guest is out of memory. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("cannot lock the agent in memory");
	serve_host();
}
