import type { CgroupEvent } from '../../events/cgroup-life.js';
import type { CgroupLifeRecordBody } from './memory-records.js';

/** A cgroup as a look into the file system finds it. */
export interface FoundCgroup {
  readonly id: number;
  /** Below the mount, like /kubepods/pod1/app; the root is /. */
  readonly path: string;
  readonly level: number;
}

/** What is told of a cgroup that comes (or whose directory changes) or goes (path null). */
export type CgroupListener = (id: number, path: string | null) => void;

/**
 * The cgroups that are there, by id. Looks into the file system and the kernel's own words overlap; each change is told
 * once. Pure.
 */
export class KnownCgroups {
  private readonly cgroups = new Map<number, { readonly path: string; readonly level: number }>();

  constructor(private readonly listen: CgroupListener) {}

  /** What a look has found. `firstLook`: those were there before; later ones came or went since, unseen. */
  found(all: readonly FoundCgroup[], tUs: number, firstLook: boolean): CgroupEvent[] {
    const events: CgroupEvent[] = [];
    const there = new Set(all.map((cgroup) => cgroup.id));
    for (const [id, { path, level }] of this.cgroups) {
      if (!there.has(id)) events.push(...this.vanish(id, path, level, tUs));
    }
    for (const { id, path, level } of all) {
      if (this.cgroups.has(id)) continue;
      this.remember(id, path, level);
      events.push({ topic: '/cgroup', tUs, change: firstLook ? 'present' : 'appeared', id, path, level });
    }
    return events;
  }

  /** What the kernel has said. */
  take({ change, id, path, level, tUs }: CgroupLifeRecordBody & { readonly tUs: number }): CgroupEvent[] {
    if (change === 'vanished') return this.vanish(id, path ?? this.cgroups.get(id)?.path ?? null, level, tUs);
    if (change === 'appeared') {
      if (this.cgroups.has(id)) return [];
      if (path !== null) this.remember(id, path, level);
      return [{ topic: '/cgroup', tUs, change, id, path, level }];
    }
    return this.rename(id, path, level, tUs);
  }

  private vanish(id: number, path: string | null, level: number, tUs: number): CgroupEvent[] {
    if (this.cgroups.delete(id)) this.listen(id, null);
    return [{ topic: '/cgroup', tUs, change: 'vanished', id, path, level }];
  }

  /** A directory takes along what lies below it. */
  private rename(id: number, path: string | null, level: number, tUs: number): CgroupEvent[] {
    const before = this.cgroups.get(id)?.path;
    const events: CgroupEvent[] = [{ topic: '/cgroup', tUs, change: 'renamed', id, path, level }];
    if (path === null) return events;
    this.remember(id, path, level);
    for (const [childId, child] of before === undefined ? [] : [...this.cgroups]) {
      if (!child.path.startsWith(`${before}/`)) continue;
      const childPath = path + child.path.slice(before?.length);
      this.remember(childId, childPath, child.level);
      events.push({ topic: '/cgroup', tUs, change: 'renamed', id: childId, path: childPath, level: child.level });
    }
    return events;
  }

  private remember(id: number, path: string, level: number): void {
    this.cgroups.set(id, { path, level });
    this.listen(id, path);
  }
}
