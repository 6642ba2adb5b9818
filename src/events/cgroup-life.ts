/**
 * A cgroup is there, comes, goes or is renamed: its name for all events that carry only its id. Source: one scan at the
 * start, then the kernel's cgroup tracepoints.
 */
export interface CgroupEvent {
  readonly topic: '/cgroup';
  readonly tUs: number;
  readonly change: CgroupChange;
  readonly id: number;
  /** Path below the cgroup mount, as everywhere; null = not known. */
  readonly path: string | null;
  /** Depth: the root is 0. */
  readonly level: number;
}

export type CgroupChange =
  /** It was there when watching began. */
  | 'present'
  | 'appeared'
  | 'vanished'
  /** cgroup v1 only. `path` is the new one; what lies below it is renamed too, each with its own event. */
  | 'renamed';
