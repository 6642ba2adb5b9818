/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host and the agent say to each other over one virtio-serial port. src/lab/protocol.ts is its other half.
 *
 * A frame is a header of 9 bytes, little endian, and a payload:
 *     u32 payload length, u32 stream, u8 type
 * A stream is one request of the host's; the host numbers them, never twice the same.
 */
#ifndef OOMSCOPE_LAB_PROTOCOL_H
#define OOMSCOPE_LAB_PROTOCOL_H

#define LAB_PORT_NAME "oomscope.lab"
#define FRAME_HEADER_BYTES 9
/* Of a payload. The host splits larger files. */
#define FRAME_MAX_BYTES (1024 * 1024)

enum frame_type {
	/* from the host */
	FRAME_SPAWN = 'S',	 /* cwd NUL argc NUL argv… NUL-ended, environment… NUL-ended */
	FRAME_SIGNAL = 'K',	 /* u32 signal, for the command's process group */
	FRAME_FILE = 'F',	 /* octal mode NUL path NUL bytes: made anew, answered by RESULT */
	FRAME_FILE_APPEND = 'A', /* the same, appended */
	FRAME_PROXY = 'P',	 /* u16 port, answered by RESULT */
	/* to the host */
	FRAME_HELLO = 'H',  /* kernel release */
	FRAME_BEAT = 'B',   /* every two seconds: the guest is alive */
	FRAME_STDOUT = 'o', /* bytes */
	FRAME_STDERR = 'e', /* bytes */
	FRAME_EXIT = 'x',   /* u32 wait status; what the command itself had printed came before */
	FRAME_RESULT = 'r', /* u32 errno, 0 = done. Answers SPAWN only when it failed */
};

#endif
