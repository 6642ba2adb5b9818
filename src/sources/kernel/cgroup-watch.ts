import type { CgroupEvent } from '../../events/cgroup-life.js';
import { readCgroupTree } from './cgroup-tree.js';
import { KnownCgroups } from './known-cgroups.js';
import type { NativeReader } from './native.js';

/** Where the kernel does not say what comes and goes, we look as often as that. */
const LOOK_EVERY_MS = 5_000;

type Look = (nowUs: number) => readonly CgroupEvent[];

/** Keeps the names of cgroups: one look at the start, the kernel's own words from then on. Tells the sampler where files are. */
export class CgroupWatch {
  readonly known: KnownCgroups;
  private reader: NativeReader | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** `emit` is to call what it is given with the time of now, and to emit what that returns. */
  constructor(
    private readonly root: string | null,
    private readonly emit: (look: Look) => void,
  ) {
    this.known = new KnownCgroups((id, path) => this.tellSampler(id, path));
  }

  /** Those that are there. To be called once the tracepoints are attached, so that none slips through. */
  start(reader: NativeReader, tUs: number, { polls }: { polls: boolean }): CgroupEvent[] {
    if (this.root === null) return [];
    this.reader = reader;
    if (polls) this.timer = setInterval(() => this.emit((nowUs) => this.look(nowUs)), LOOK_EVERY_MS).unref();
    return this.known.found(readCgroupTree(this.root), tUs, true);
  }

  /** Looks again, since something may have been missed. */
  look(nowUs: number): CgroupEvent[] {
    return this.root === null ? [] : this.known.found(readCgroupTree(this.root), nowUs, false);
  }

  stop(): void {
    clearInterval(this.timer);
    this.reader = null;
  }

  private tellSampler(id: number, path: string | null): void {
    // The root has no limits; its numbers are the node's.
    if (path === '/') return;
    if (path === null) this.reader?.forgetCgroup(BigInt(id));
    else this.reader?.watchCgroup(BigInt(id), `${this.root}${path}`);
  }
}
