/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records that cross from the kernel to user space: their only definition.
 * src/events/layout.gen.ts is generated from this file's BTF; nothing copies it by hand.
 *
 * Rules
 * - Every record starts with struct record_header and is a multiple of 8 bytes long.
 * - Every byte is written before submit: padding is explicit and zeroed.
 * - Memory is in pages here, as in mm/oom_kill.c; page tables are in bytes, as mm_struct keeps them.
 * - A change of any struct or enum value is a change of OOMSCOPE_LAYOUT_VERSION.
 */
#ifndef OOMSCOPE_EVENTS_H
#define OOMSCOPE_EVENTS_H

#define OOMSCOPE_LAYOUT_VERSION 4

#define OOMSCOPE_COMM_LEN 16
#define OOMSCOPE_PATH_LEN 1024
#define OOMSCOPE_NODEMASK_WORDS 16
#define OOMSCOPE_LATENCY_BUCKETS 24
#define OOMSCOPE_HOT_MAX 256
#define OOMSCOPE_COMMAND_LINE_LEN 256

enum record_kind {
	RECORD_EPISODE_BEGIN = 1,
	RECORD_CGROUP = 2,
	RECORD_CANDIDATE = 3,
	RECORD_CHOICE = 4,
	RECORD_VICTIM = 5,
	RECORD_REAPER = 6,
	RECORD_EXIT = 7,
	RECORD_EPISODE_END = 8,
	RECORD_KILL = 9,
	RECORD_KILL_STEP = 10,
	RECORD_CGROUP_LIFE = 16,
	RECORD_SAMPLE = 17,
	RECORD_STAT = 18,
	RECORD_PRESSURE = 19,
	RECORD_NODE = 20,
};

/* time_ns and episode_ns are CLOCK_BOOTTIME. */
struct record_header {
	unsigned int kind; /* enum record_kind */
	unsigned int size; /* of the whole record, in bytes */
	unsigned long long time_ns;
	/*
	 * The episode this belongs to, named by the time out_of_memory() was entered: unique, since
	 * oom_lock lets one run at a time. 0 = the episode's begin was not seen.
	 */
	unsigned long long episode_ns;
};

/* A process as the OOM killer sees it. `pid` is the kernel's pid: a thread's id. */
struct task_facts {
	int tgid;
	int pid;
	unsigned int uid;	      /* in the initial user namespace */
	int adj;		      /* signal->oom_score_adj */
	unsigned long long start_ns;  /* start_boottime of the thread group leader */
	unsigned long long cgroup_id; /* in the hierarchy that carries the memory controller */
	char comm[OOMSCOPE_COMM_LEN]; /* ends at NUL or at 16; any bytes */
};

/* Counters of one mm, negative readings clamped to 0 as get_mm_counter() does. */
struct mm_facts {
	unsigned long long anon_pages;
	unsigned long long file_pages;
	unsigned long long shmem_pages;
	unsigned long long swap_pages;
	unsigned long long pgtables_bytes;
};

/* ring: kills. fentry of out_of_memory(). */
struct episode_begin {
	struct record_header header;
	struct task_facts trigger;
	unsigned long long limit_cgroup_id; /* oc->memcg; 0 = node-wide */
	unsigned int gfp_mask;
	int order; /* -1 = sysrq-f */
	unsigned int nodemask_present;
	unsigned int pad;
	unsigned long long nodemask[OOMSCOPE_NODEMASK_WORDS];
};

enum cgroup_role {
	CGROUP_LIMIT = 1,    /* oc->memcg */
	CGROUP_ANCESTOR = 2, /* of the limit cgroup, nearest first */
	CGROUP_TRIGGER = 3,
	CGROUP_VICTIM = 4, /* of the chosen process */
	/* Of kills by user space: no episode, and only for their paths. */
	CGROUP_SENDER = 5,
	CGROUP_TARGET = 6,
	CGROUP_KILLED = 7, /* whose cgroup.kill was written */
};

enum cgroup_flags {
	CGROUP_HAS_MEMORY = 1 << 0, /* the page counters were read */
	CGROUP_MAX_UNLIMITED = 1 << 1,
	CGROUP_HIGH_UNLIMITED = 1 << 2,
	CGROUP_SWAP_MAX_UNLIMITED = 1 << 3,
	CGROUP_PATH_TRUNCATED = 1 << 4, /* the outermost parts are missing */
	CGROUP_IS_ROOT = 1 << 5,
	CGROUP_OOM_GROUP = 1 << 6,     /* memory.oom.group is set */
	CGROUP_SWAP_IS_MEMSW = 1 << 7, /* v1: swap_* are memory+swap */
};

/* ring: kills. Written with its real length: `path` holds only path_bytes (padded to 8). */
struct cgroup_record {
	struct record_header header;
	unsigned long long cgroup_id;
	unsigned int role;	 /* enum cgroup_role */
	unsigned int flags;	 /* enum cgroup_flags */
	unsigned int level;	 /* depth: the root is 0 */
	unsigned int path_bytes; /* 0 = no path in this record */
	unsigned long long usage_pages;
	unsigned long long max_pages;
	unsigned long long high_pages;
	unsigned long long swap_pages;
	unsigned long long swap_max_pages;
	/*
	 * Names from the leaf outwards, each ended by NUL, the root left out:
	 * "app\0pod1\0kubepods\0".
	 */
	char path[OOMSCOPE_PATH_LEN];
};

enum candidate_status {
	CANDIDATE_SCORED = 1,	     /* points hold */
	CANDIDATE_OOM_ORIGIN = 2,    /* oom_task_origin(): wins at once */
	CANDIDATE_INIT = 3,	     /* skipped: global init */
	CANDIDATE_NOT_IN_DOMAIN = 4, /* skipped: cpuset or mempolicy */
	CANDIDATE_DYING = 5,	     /* already a victim: the selection is abandoned */
	CANDIDATE_REAPED = 6,	/* skipped: already a victim and reaped (MMF_OOM_SKIP on oom_mm) */
	CANDIDATE_ADJ_MIN = 7,	/* skipped: oom_score_adj is -1000 */
	CANDIDATE_NO_MM = 8,	/* skipped: no thread has an mm */
	CANDIDATE_MM_SKIP = 9,	/* skipped: MMF_OOM_SKIP */
	CANDIDATE_VFORK = 10,	/* skipped: in_vfork() */
	CANDIDATE_SKIPPED = 11, /* skipped, for a reason no longer visible when it was read */
};

/* ring: ballot. fexit of oom_badness(), or of oom_evaluate_task() where that did not call it. */
struct candidate {
	struct record_header header;
	struct task_facts task;
	struct mm_facts mm;  /* zero unless an mm was found */
	long long points;    /* of oom_badness(); LONG_MIN when skipped */
	unsigned int status; /* enum candidate_status */
	unsigned int pad;
};

enum choice_how {
	CHOICE_SELECTED = 1,
	CHOICE_ALLOCATING_TASK = 2, /* vm.oom_kill_allocating_task */
};

/* ring: kills. fentry of oom_kill_process(): the moment of choice. */
struct choice {
	struct record_header header;
	struct task_facts task;
	long long points; /* oc->chosen_points; means nothing for CHOICE_ALLOCATING_TASK */
	unsigned long long totalpages;
	unsigned int how; /* enum choice_how */
	/* enum oom_constraint: 0 none, 1 cpuset, 2 memory policy, 3 memcg */
	unsigned int constraint;
};

enum victim_flags {
	VICTIM_SIGKILLED = 1 << 0, /* __oom_kill_process() ran for it; else it was dying already */
	VICTIM_CHOSEN = 1 << 1,	   /* the process that was chosen; else a member of its group */
	/*
	 * Taken from the mark_victim tracepoint: the two flags above are not known. Where start_ns
	 * is 0, nor is anything of the process that the tracepoint does not carry; tgid and
	 * cgroup_id are 0 then.
	 */
	VICTIM_FROM_TRACEPOINT = 1 << 2,
};

/* ring: kills. mark_oom_victim(): one per process marked, the first time it is marked. */
struct victim {
	struct record_header header;
	struct task_facts task;
	struct mm_facts mm;
	unsigned int flags; /* enum victim_flags */
	int container_pid;  /* in the process's own pid namespace; 0 = not seen */
};

enum reaper_step {
	REAPER_QUEUED = 1, /* its delay is over and the mm still there */
	REAPER_STARTED = 2,
	REAPER_FINISHED = 3,
	REAPER_SKIPPED = 4, /* the mm had already gone */
};

/*
 * ring: bulk. Most victims are gone before the reaper starts, ~2 s after the mark: they have no
 * such record.
 */
struct reaper {
	struct record_header header;
	int pid;	   /* the thread that mark_oom_victim() got */
	unsigned int step; /* enum reaper_step */
};

/*
 * ring: kills. sched_process_exit of the last thread of a process marked as victim; where the mark
 * came from a plain tracepoint, of the marked thread.
 */
struct exit_record {
	struct record_header header;
	struct task_facts task;
	/*
	 * What its mm still holds; with per-CPU counters a few pages of nothing. From 6.16 on the
	 * tracepoint comes before the mm is let go of, so this is what is about to be freed if
	 * mm_users is 0.
	 */
	struct mm_facts mm;
	int mm_users; /* others that share the mm: 0 = none, its memory comes free; -1 = not known */
	unsigned int pad;
};

enum episode_outcome {
	EPISODE_KILLED = 1,	   /* oom_kill_process() was called */
	EPISODE_VICTIM_DYING = 2,  /* an earlier victim is still dying: nobody new */
	EPISODE_TRIGGER_DYING = 3, /* the trigger was about to free its memory: marked at once */
	EPISODE_NO_CANDIDATE = 4,  /* nothing killable was found */
	EPISODE_DECLINED = 5, /* memory was freed by a notifier, or may not be by this allocation */
};

/* ring: kills. fexit of out_of_memory(). */
struct episode_end {
	struct record_header header;
	unsigned long long totalpages;
	unsigned int outcome; /* enum episode_outcome */
	unsigned int constraint;
	unsigned int candidates_seen; /* evaluated, kernel threads not counted */
	unsigned int candidates_lost; /* of those, refused by the ballot ring */
	unsigned int kernel_threads;  /* evaluated and passed over */
	unsigned int records_lost;    /* of this episode, refused by the kills ring */
	unsigned int victims;	      /* marked within the episode */
	unsigned int returned;	      /* what out_of_memory() returned: 0 or 1 */
};

enum kill_how {
	KILL_SIGNAL = 1,
	KILL_CGROUP = 2, /* cgroup.kill */
};

/* ring: kills, unless it is half full. signal_generate: user space ends a process. */
struct kill_record {
	struct record_header header; /* its time names the kill, with the target's tgid */
	struct task_facts sender;
	struct task_facts target;
	struct mm_facts mm;		     /* of the target */
	unsigned long long killed_cgroup_id; /* KILL_CGROUP: whose; 0 = none, or not seen */
	int parent_tgid;		     /* of the sender */
	char parent_comm[OOMSCOPE_COMM_LEN];
	unsigned int signal; /* 9 or 15 */
	unsigned int how;    /* enum kill_how */
	/* Of the sender: arguments each ended by NUL, cut. 0 = not readable. */
	unsigned int command_line_bytes;
	char command_line[OOMSCOPE_COMMAND_LINE_LEN];
};

enum kill_step_kind {
	KILL_DELIVERED = 1, /* signal_deliver in the target; also of the OOM killer's victims */
	KILL_RELEASED = 2,  /* process_mrelease() runs for it */
	KILL_EXITED = 3,    /* its last thread ends */
};

/* ring: kills. What became of a kill's target. */
struct kill_step {
	struct record_header header; /* its episode is set for a victim of the OOM killer */
	struct task_facts target;
	struct task_facts sender;   /* KILL_RELEASED: who calls; else zero, as its parent */
	unsigned long long sent_ns; /* header.time_ns of its kill_record; 0 = by the OOM killer */
	unsigned long long killed_cgroup_id; /* as in its kill_record */
	unsigned int step;		     /* enum kill_step_kind */
	unsigned int signal;
	unsigned int how;		 /* enum kill_how */
	unsigned int command_line_bytes; /* of the target, as above; KILL_RELEASED: of the sender */
	int parent_tgid;
	char parent_comm[OOMSCOPE_COMM_LEN];
	unsigned int pad;
	char command_line[OOMSCOPE_COMMAND_LINE_LEN];
};

enum cgroup_change {
	CGROUP_APPEARED = 1,
	CGROUP_VANISHED = 2,
	CGROUP_RENAMED = 3, /* v1 only */
};

/*
 * ring: bulk. Of the hierarchy that carries the memory controller. Written with its real length:
 * `path` holds only path_bytes (padded to 8), as the kernel prints it: "/kubepods/pod1/app".
 */
struct cgroup_life {
	struct record_header header;
	unsigned long long cgroup_id;
	unsigned int change; /* enum cgroup_change */
	unsigned int level;
	unsigned int path_bytes;
	unsigned int path_truncated; /* its end is missing */
	char path[OOMSCOPE_PATH_LEN];
};

/*
 * The records below are made by the addon's sampling thread, out of maps and files. They go the way
 * of the others so that there is one way to decode.
 */

enum sample_flags {
	SAMPLE_MAX_UNLIMITED = 1 << 0,
	SAMPLE_HIGH_UNLIMITED = 1 << 1,
	SAMPLE_LOW_UNLIMITED = 1 << 2,
	SAMPLE_MIN_UNLIMITED = 1 << 3,
	SAMPLE_NO_SWAP = 1 << 4,	 /* not counted here */
	SAMPLE_NO_HIGH_LOW_MIN = 1 << 5, /* v1 */
};

struct cgroup_sample {
	unsigned long long cgroup_id;
	unsigned long long usage_pages;
	unsigned long long swap_pages; /* without the memory, also on v1 */
	unsigned long long max_pages;
	unsigned long long high_pages;
	unsigned long long low_pages;
	unsigned long long min_pages;
	unsigned int flags; /* enum sample_flags */
	unsigned int pad;
};

enum sample_kind {
	SAMPLE_FULL = 1,  /* every cgroup: whatever is not in it is gone */
	SAMPLE_DELTA = 2, /* what changed since that cgroup's last sample */
};

/* One tick. `count` entries of struct cgroup_sample follow. */
struct sample_record {
	struct record_header header;
	unsigned int kind; /* enum sample_kind */
	unsigned int count;
	unsigned int cgroups_read;	/* changed or not */
	unsigned int cgroups_refused;	/* by the last walk: its map had no room */
	unsigned long long interval_ns; /* of the ticks now */
	/* Ticks that were due since the last one and did not come; that was at before_ns. */
	unsigned long long ticks_missed;
	unsigned long long before_ns;
	unsigned long long before_interval_ns;
};

/* Values of struct cgroup_stat, in bytes unless they say otherwise. */
enum stat_field {
	STAT_ANON = 0,
	STAT_FILE = 1,
	STAT_ACTIVE_FILE = 2,
	STAT_INACTIVE_FILE = 3,
	STAT_MAPPED_FILE = 4,
	STAT_DIRTY_FILE = 5,
	STAT_WRITEBACK_FILE = 6,
	STAT_SHMEM = 7,
	STAT_KERNEL = 8,
	STAT_SLAB_RECLAIMABLE = 9,
	STAT_SLAB_UNRECLAIMABLE = 10,
	STAT_PAGE_TABLES = 11,
	STAT_SOCK = 12,
	STAT_UNEVICTABLE = 13,
	STAT_SWAP = 14,
	STAT_ZSWAP = 15,
	STAT_USAGE = 16, /* read beside the others, for the working set */
	STAT_PSI_SOME_US = 17,
	STAT_PSI_FULL_US = 18,
	/* Counts since the cgroup was made, its descendants' included, in the order of memory.events. */
	STAT_EVENT_LOW = 19,
	STAT_EVENT_HIGH = 20,
	STAT_EVENT_MAX = 21,
	STAT_EVENT_OOM = 22,
	STAT_EVENT_OOM_KILL = 23,
	STAT_EVENT_OOM_GROUP_KILL = 24,
	/* The same of memory.events.local. */
	STAT_LOCAL_LOW = 25,
	STAT_LOCAL_HIGH = 26,
	STAT_LOCAL_MAX = 27,
	STAT_LOCAL_OOM = 28,
	STAT_LOCAL_OOM_KILL = 29,
	STAT_LOCAL_OOM_GROUP_KILL = 30,
	STAT_FIELDS = 31,
};

struct cgroup_stat {
	unsigned long long cgroup_id;
	unsigned long long present; /* bit n = values[n] was read */
	unsigned long long values[STAT_FIELDS];
};

/* `count` entries of struct cgroup_stat follow. */
struct stat_record {
	struct record_header header;
	unsigned int count;
	unsigned int pad;
};

enum node_field {
	NODE_MEM_TOTAL = 0,
	NODE_MEM_FREE = 1,
	NODE_MEM_AVAILABLE = 2,
	NODE_BUFFERS = 3,
	NODE_CACHED = 4,
	NODE_ACTIVE_ANON = 5,
	NODE_INACTIVE_ANON = 6,
	NODE_ACTIVE_FILE = 7,
	NODE_INACTIVE_FILE = 8,
	NODE_UNEVICTABLE = 9,
	NODE_ANON = 10,
	NODE_MAPPED = 11,
	NODE_SHMEM = 12,
	NODE_DIRTY = 13,
	NODE_WRITEBACK = 14,
	NODE_SLAB_RECLAIMABLE = 15,
	NODE_SLAB_UNRECLAIMABLE = 16,
	NODE_KERNEL_STACK = 17,
	NODE_PAGE_TABLES = 18,
	NODE_PERCPU = 19,
	NODE_HUGETLB = 20,
	NODE_COMMITTED = 21,
	NODE_SWAP_TOTAL = 22,
	NODE_SWAP_FREE = 23,
	NODE_SWAP_CACHED = 24,
	/* Of the root cgroup: kubelet's working set is their difference. */
	NODE_ROOT_USAGE = 25,
	NODE_ROOT_INACTIVE_FILE = 26,
	/* Since boot, in pages or times. */
	NODE_SCANNED_DIRECT = 27,
	NODE_SCANNED_KSWAPD = 28,
	NODE_FREED_DIRECT = 29,
	NODE_FREED_KSWAPD = 30,
	NODE_SWAPPED_IN = 31,
	NODE_SWAPPED_OUT = 32,
	NODE_FILE_REFAULTS = 33,
	NODE_ALLOC_STALLS = 34,
	NODE_MAJOR_FAULTS = 35,
	NODE_OOM_KILLS = 36,
	NODE_PSI_SOME_US = 37,
	NODE_PSI_FULL_US = 38,
	NODE_KSWAPD_RUNS = 39,
	NODE_KSWAPD_NS = 40,
	NODE_FIELDS = 41,
};

struct node_record {
	struct record_header header;
	unsigned long long present; /* bit n = values[n] was read */
	unsigned long long values[NODE_FIELDS];
};

/* What the hooks count for one cgroup, ever growing. Its descendants are not included. */
struct cgroup_pressure {
	/* Tasks of this cgroup that waited for memory: outermost psi_memstall sections. */
	unsigned long long stall_ns;
	unsigned long long stalls;
	/* Runs of reclaim because of this cgroup's limit, by whomever. */
	unsigned long long reclaim_ns;
	unsigned long long reclaims;
	unsigned long long pages_asked;
	unsigned long long pages_freed;
	/* Tasks of this cgroup put to sleep because of a memory.high. */
	unsigned long long throttle_ns;
	unsigned long long throttles;
	/* Of reclaim runs: bucket n holds those below 2^n microseconds that are not in one before. */
	unsigned int latency[OOMSCOPE_LATENCY_BUCKETS];
};

/* An entry of struct pressure_record. */
struct pressure_entry {
	unsigned long long cgroup_id;
	struct cgroup_pressure pressure;
};

/* `count` entries of struct pressure_entry follow. */
struct pressure_record {
	struct record_header header;
	unsigned int count;
	unsigned int pad;
};

/* What a walk reads of one cgroup; map `cgroup_slots`. */
struct cgroup_slot {
	struct cgroup_sample sample;
	unsigned long long address; /* of the struct cgroup; 0 = it is gone */
	unsigned long long events[6];
	unsigned long long events_local[6];
};

/* Shared by the walk and the sampling thread; map `sampler`, one entry. */
struct sampler_state {
	unsigned int slots_used; /* by the last walk */
	unsigned int slots_refused;
	/* Set by the thread: the next sign of pressure shall wake it. Cleared by who does. */
	unsigned int wake_wanted;
	unsigned int hot_count;
	unsigned int is_v1; /* the hierarchy that is walked: no high, low or min */
	unsigned int pad;
	unsigned int hot_slots[OOMSCOPE_HOT_MAX];
};

/* Of the whole node; map `activity`, one entry. */
struct activity {
	unsigned long long kswapd_runs;
	unsigned long long kswapd_ns;
	unsigned long long changes; /* grows with each change of a struct cgroup_pressure */
};

/*
 * Loss that no record can carry, since it is the record that was lost. Counters only grow; map
 * `loss`, one entry.
 */
struct loss_counters {
	/*
	 * Records that the ring had no room for. Kills by user space are refused once half of it is
	 * unread.
	 */
	unsigned long long kills_refused;
	unsigned long long ballot_refused;
	unsigned long long bulk_refused;
	/* Begun while another was open, whose end was never seen. */
	unsigned long long episodes_unended;
	/* Stalls, reclaims or sleeps that are in no sum: a map was full. */
	unsigned long long pressure_refused;
	/* Begun while half of the `kills` ring was unread, and killed nobody: not recorded. */
	unsigned long long episodes_without_kill;
};

/* Written by the reader, read by the programs; map `control`, one entry. */
struct control {
	unsigned long long reader_beat_ns;    /* CLOCK_BOOTTIME; 0 = never */
	unsigned long long reader_timeout_ns; /* no beat for longer: the programs return at once */
};

#endif
