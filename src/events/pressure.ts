/**
 * Time lost for want of memory, in two different truths: PSI weighs by CPUs (a stalled task beside a busy CPU counts in
 * part), task-stall time simply adds up. Cgroups without a row had none, or were not read this time: the span of a
 * cgroup's next row tells.
 */
export interface PressureEvent {
  readonly topic: '/pressure';
  readonly tUs: number;
  /** /proc/pressure/memory; null = no PSI here, or the first reading. */
  readonly node: PsiGrowth | null;
  readonly cgroups: readonly CgroupPressure[];
}

/** Growth of the `total=` of PSI's two lines. */
export interface PsiGrowth {
  /** The time that it covers: from the last reading to this one. */
  readonly spanUs: number;
  /** At least one task was stalled. */
  readonly someUs: number;
  /** All tasks that were not idle were stalled. */
  readonly fullUs: number;
}

export interface CgroupPressure {
  readonly id: number;
  /** The time that this row covers: from the cgroup's last reading to this one. */
  readonly spanUs: number;
  /** PSI of the cgroup and all below it; null = no PSI for it (cgroup v1, psi=0, cgroup.pressure off). */
  readonly someUs: number | null;
  readonly fullUs: number | null;
  /** Stalls of the cgroup's own tasks, each task counted in full; null = the hooks are not attached. */
  readonly stallUs: number | null;
  /** How many such stalls ended. */
  readonly stalls: number | null;
}
