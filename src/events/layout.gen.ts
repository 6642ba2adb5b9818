// Generated from bpf/events.h by scripts/generate-layout.mjs. Do not edit: run `npm run generate:layout`.

/** Per struct: its size and the offset of each member, in bytes. A nested struct is looked up under its own name. */
export const structs = {
  record_header: {
    bytes: 24,
    at: {
      kind: 0,
      size: 4,
      time_ns: 8,
      episode_ns: 16,
    },
  },
  task_facts: {
    bytes: 48,
    at: {
      tgid: 0,
      pid: 4,
      uid: 8,
      adj: 12,
      start_ns: 16,
      cgroup_id: 24,
      comm: 32,
    },
  },
  mm_facts: {
    bytes: 40,
    at: {
      anon_pages: 0,
      file_pages: 8,
      shmem_pages: 16,
      swap_pages: 24,
      pgtables_bytes: 32,
    },
  },
  episode_begin: {
    bytes: 224,
    at: {
      header: 0,
      trigger: 24,
      limit_cgroup_id: 72,
      gfp_mask: 80,
      order: 84,
      nodemask_present: 88,
      pad: 92,
      nodemask: 96,
    },
  },
  cgroup_record: {
    bytes: 1112,
    at: {
      header: 0,
      cgroup_id: 24,
      role: 32,
      flags: 36,
      level: 40,
      path_bytes: 44,
      usage_pages: 48,
      max_pages: 56,
      high_pages: 64,
      swap_pages: 72,
      swap_max_pages: 80,
      path: 88,
    },
  },
  candidate: {
    bytes: 128,
    at: {
      header: 0,
      task: 24,
      mm: 72,
      points: 112,
      status: 120,
      pad: 124,
    },
  },
  choice: {
    bytes: 96,
    at: {
      header: 0,
      task: 24,
      points: 72,
      totalpages: 80,
      how: 88,
      constraint: 92,
    },
  },
  victim: {
    bytes: 120,
    at: {
      header: 0,
      task: 24,
      mm: 72,
      flags: 112,
      pad: 116,
    },
  },
  reaper: {
    bytes: 32,
    at: {
      header: 0,
      pid: 24,
      step: 28,
    },
  },
  exit_record: {
    bytes: 120,
    at: {
      header: 0,
      task: 24,
      mm: 72,
      mm_users: 112,
      pad: 116,
    },
  },
  episode_end: {
    bytes: 64,
    at: {
      header: 0,
      totalpages: 24,
      outcome: 32,
      constraint: 36,
      candidates_seen: 40,
      candidates_lost: 44,
      kernel_threads: 48,
      records_lost: 52,
      victims: 56,
      returned: 60,
    },
  },
  loss_counters: {
    bytes: 32,
    at: {
      kills_refused: 0,
      ballot_refused: 8,
      bulk_refused: 16,
      episodes_unended: 24,
    },
  },
  control: {
    bytes: 16,
    at: {
      reader_beat_ns: 0,
      reader_timeout_ns: 8,
    },
  },
} as const;

export const enums = {
  record_kind: {
    RECORD_EPISODE_BEGIN: 1,
    RECORD_CGROUP: 2,
    RECORD_CANDIDATE: 3,
    RECORD_CHOICE: 4,
    RECORD_VICTIM: 5,
    RECORD_REAPER: 6,
    RECORD_EXIT: 7,
    RECORD_EPISODE_END: 8,
  },
  cgroup_role: {
    CGROUP_LIMIT: 1,
    CGROUP_ANCESTOR: 2,
    CGROUP_TRIGGER: 3,
    CGROUP_VICTIM: 4,
  },
  cgroup_flags: {
    CGROUP_HAS_MEMORY: 1,
    CGROUP_MAX_UNLIMITED: 2,
    CGROUP_HIGH_UNLIMITED: 4,
    CGROUP_SWAP_MAX_UNLIMITED: 8,
    CGROUP_PATH_TRUNCATED: 16,
    CGROUP_IS_ROOT: 32,
    CGROUP_OOM_GROUP: 64,
    CGROUP_SWAP_IS_MEMSW: 128,
  },
  candidate_status: {
    CANDIDATE_SCORED: 1,
    CANDIDATE_OOM_ORIGIN: 2,
    CANDIDATE_INIT: 3,
    CANDIDATE_NOT_IN_DOMAIN: 4,
    CANDIDATE_DYING: 5,
    CANDIDATE_REAPED: 6,
    CANDIDATE_ADJ_MIN: 7,
    CANDIDATE_NO_MM: 8,
    CANDIDATE_MM_SKIP: 9,
    CANDIDATE_VFORK: 10,
    CANDIDATE_SKIPPED: 11,
  },
  choice_how: {
    CHOICE_SELECTED: 1,
    CHOICE_ALLOCATING_TASK: 2,
  },
  victim_flags: {
    VICTIM_SIGKILLED: 1,
    VICTIM_CHOSEN: 2,
    VICTIM_FROM_TRACEPOINT: 4,
  },
  reaper_step: {
    REAPER_QUEUED: 1,
    REAPER_STARTED: 2,
    REAPER_FINISHED: 3,
    REAPER_SKIPPED: 4,
  },
  episode_outcome: {
    EPISODE_KILLED: 1,
    EPISODE_VICTIM_DYING: 2,
    EPISODE_TRIGGER_DYING: 3,
    EPISODE_NO_CANDIDATE: 4,
    EPISODE_DECLINED: 5,
  },
} as const;

/** The numbers that events.h defines, without their prefix OOMSCOPE_. */
export const constants = {
  LAYOUT_VERSION: 1,
  COMM_LEN: 16,
  PATH_LEN: 1024,
  NODEMASK_WORDS: 16,
} as const;
