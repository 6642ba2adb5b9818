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

#define OOMSCOPE_LAYOUT_VERSION 1

#define OOMSCOPE_COMM_LEN 16
#define OOMSCOPE_PATH_LEN 1024
#define OOMSCOPE_NODEMASK_WORDS 16

enum record_kind {
	RECORD_EPISODE_BEGIN = 1,
	RECORD_CGROUP = 2,
	RECORD_CANDIDATE = 3,
	RECORD_CHOICE = 4,
	RECORD_VICTIM = 5,
	RECORD_REAPER = 6,
	RECORD_EXIT = 7,
	RECORD_EPISODE_END = 8,
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
	unsigned int pad;
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

/*
 * Loss that no record can carry, since it is the record that was lost. Counters only grow; map
 * `loss`, one entry.
 */
struct loss_counters {
	/*
	 * Records that the ring had no room for. Episodes that kill nobody are refused once half of
	 * it is unread.
	 */
	unsigned long long kills_refused;
	unsigned long long ballot_refused;
	unsigned long long bulk_refused;
	/* Begun while another was open, whose end was never seen. */
	unsigned long long episodes_unended;
};

/* Written by the reader, read by the programs; map `control`, one entry. */
struct control {
	unsigned long long reader_beat_ns;    /* CLOCK_BOOTTIME; 0 = never */
	unsigned long long reader_timeout_ns; /* no beat for longer: the programs return at once */
};

#endif
