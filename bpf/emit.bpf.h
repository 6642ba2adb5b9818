/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Getting a record out, and counting it where it does not get out.
 *
 * Who wakes the reader: a wake-up under oom_lock costs the machine ten times what the record does.
 * So the records of an episode wake nobody until its end, which wakes the ballot's reader as well;
 * only each 1024th candidate does, lest a selection among very many overrun the ring. An exit, a
 * reaper's step and a mark outside an episode wake at once.
 */
#ifndef OOMSCOPE_EMIT_BPF_H
#define OOMSCOPE_EMIT_BPF_H

#include "maps.bpf.h"

static __always_inline struct loss_counters *loss_counters(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&loss, &key);
}

static __always_inline void count_kills_refused(u64 records)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->kills_refused, records);
}

static __always_inline void count_ballot_refused(u64 records)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->ballot_refused, records);
}

static __always_inline void count_bulk_refused(void)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->bulk_refused, 1);
}

static __always_inline void count_episode_unended(void)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->episodes_unended, 1);
}

static __always_inline void count_episode_without_kill(void)
{
	struct loss_counters *lost = loss_counters();

	if (lost)
		__sync_fetch_and_add(&lost->episodes_without_kill, 1);
}

static __always_inline bool is_half_full(void *ring)
{
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >
	       bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 2;
}

static __always_inline void set_header(struct record_header *header, enum record_kind kind,
				       u32 size, u64 episode_ns)
{
	header->kind = kind;
	header->size = size;
	header->time_ns = bpf_ktime_get_boot_ns();
	header->episode_ns = episode_ns;
}

/* A record that is thrown away at once still wakes whoever waits for the ring. */
static __always_inline void wake_ballot(void)
{
	void *nothing = bpf_ringbuf_reserve(&ballot, 8, 0);

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

/* A quiet reader means a forgotten tracer: then nothing new is recorded. */
static __always_inline bool reader_is_alive(u64 now_ns)
{
	u32 key = 0;
	struct control *reader = bpf_map_lookup_elem(&control, &key);

	if (!reader || !reader->reader_timeout_ns)
		return true;
	/* A beat can be newer than `now`. */
	return reader->reader_beat_ns + reader->reader_timeout_ns >= now_ns;
}

/* Whether what begins now is for this set of programs to record. */
static __always_inline bool may_record(u64 now_ns)
{
	u32 key = 0;
	u64 *active = bpf_map_lookup_elem(&gate, &key);

	return active && *active == generation && reader_is_alive(now_ns);
}

#endif
