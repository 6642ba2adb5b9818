/**
 * Tasks put to sleep since their cgroup is above memory.high. Source: schedule_timeout_killable() within
 * a stall, added up in the kernel since the last reading. Cgroups without a row had none.
 */
export interface ThrottleEvent {
  readonly topic: '/throttle';
  readonly tUs: number;
  readonly cgroups: readonly CgroupThrottle[];
}

export interface CgroupThrottle {
  /** The cgroup of the tasks that slept; the limit may be one above it. */
  readonly id: number;
  readonly spanUs: number;
  readonly sleeps: number;
  /** Of all tasks together. */
  readonly sleepUs: number;
}
