/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that run for the host. */
#ifndef OOMSCOPE_LAB_COMMAND_H
#define OOMSCOPE_LAB_COMMAND_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

#define MAX_COMMANDS 512

/* command.c */
/* Payload: as FRAME_SPAWN says, with a NUL behind it. Returns 0 or an errno. */
int start_command(uint32_t stream, char *payload, size_t length);
void signal_command(uint32_t stream, int number);
/* Fills in the pipes to wait for, at most 2 · MAX_COMMANDS; returns how many. */
int poll_commands(struct pollfd *polled);
/* Sends what the polled pipes hold. */
void relay_output(const struct pollfd *polled, int count);
/* Reaps every child that ended, orphans included, and reports those that are commands. */
void reap_children(void);

/* agent.c */
void send_frame(enum frame_type type, uint32_t stream, const void *payload, size_t length);
void send_number(enum frame_type type, uint32_t stream, uint32_t value);

#endif
