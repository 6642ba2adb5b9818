/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps of the memory timelines. All preallocated: what runs in the middle of reclaim must not ask
 * for memory. A full map is counted. An LRU map would evict silently; per-CPU values would be 100
 * MiB on a large machine.
 */
#ifndef OOMSCOPE_PRESSURE_MAPS_BPF_H
#define OOMSCOPE_PRESSURE_MAPS_BPF_H

#include "maps.bpf.h"

/* Cgroups that a walk has room for. */
#define SLOTS_MAX 8192
/* Cgroups with stalls, reclaim or throttling; the thread takes out those that are gone. */
#define PRESSURED_MAX 4096
/* Tasks that stall, reclaim or sleep at one moment. */
#define BEGUN_MAX 16384

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SLOTS_MAX);
	__type(key, u32);
	__type(value, struct cgroup_slot);
} cgroup_slots SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sampler_state);
} sampler SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct activity);
} activity SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PRESSURED_MAX);
	__type(key, u64); /* cgroup id */
	__type(value, struct cgroup_pressure);
} pressure SEC(".maps") __weak;

/* What a task has begun and not ended. */
enum begun_what {
	BEGUN_STALL = 1,
	BEGUN_RECLAIM = 2,
	BEGUN_SLEEP = 3,
	BEGUN_KSWAPD = 4,
};

struct begun_key {
	u32 tid;
	u32 what; /* enum begun_what */
};

struct begun {
	u64 begin_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BEGUN_MAX);
	__type(key, struct begun_key);
	__type(value, struct begun);
} begun SEC(".maps") __weak;

#endif
