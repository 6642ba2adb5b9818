/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OOMSCOPE_HARDENING_H
#define OOMSCOPE_HARDENING_H

#include <cstdint>

/* What this process gives up, and what it keeps in memory, once everything is attached. */
namespace oomscope
{

/*
 * Whether bpf(2) still serves a thread without capabilities on file descriptors that it has. Before Linux 5.19 it does not
 * where unprivileged BPF is switched off (kernel commit c8644cd0efe7). Asks in a thread of its own, which gives them up.
 */
bool bpf_works_without_capabilities();

/*
 * Takes from every thread all capabilities but those in `keep` (bit n = capability n), and sets no-new-privs. Capabilities
 * are each thread's own, and Node has several threads: each is told by a signal. Call it on the main thread. Throws
 * KernelError when a thread could not, or did not answer.
 */
void drop_capabilities(uint64_t keep);

/*
 * Locks the code of this process in memory as far as it is there and as it comes in: code that has to be read from a
 * disk under memory pressure is code that waits. Never mlockall(): V8 gives memory back, and a lock would stop that.
 * Returns the number of mappings that the kernel refused to lock.
 */
unsigned lock_code();

} /* namespace oomscope */

#endif
