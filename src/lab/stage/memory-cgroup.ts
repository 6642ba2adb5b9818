import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Limits of a cgroup; what is not given stays as it is. */
export interface MemoryLimits {
  readonly maxBytes?: number | 'max';
  readonly swapMaxBytes?: number | 'max';
  /** All its processes die together. cgroup v2 only. */
  readonly oomGroup?: boolean;
}

const MOUNT = '/sys/fs/cgroup';
const REMOVE_TRIES = 100;

/** 1 where the memory controller has a hierarchy of its own. */
function cgroupVersion(): 1 | 2 {
  return existsSync(join(MOUNT, 'memory/cgroup.procs')) ? 1 : 2;
}

/** A memory cgroup of the guest. `path` begins with a slash, below the mount of the hierarchy. */
export class MemoryCgroup {
  readonly #directory: string;
  readonly #version = cgroupVersion();

  private constructor(readonly path: string) {
    this.#directory = join(MOUNT, this.#version === 1 ? 'memory' : '', path);
  }

  /** Made with its ancestors, each of which passes the memory controller on. */
  static async make(path: string, limits: MemoryLimits = {}): Promise<MemoryCgroup> {
    const parent = dirname(path);
    if (parent !== '/') await MemoryCgroup.make(parent);
    const cgroup = new MemoryCgroup(path);
    await mkdir(cgroup.#directory, { recursive: true });
    if (parent !== '/') await new MemoryCgroup(parent).#passOn();
    await cgroup.limit(limits);
    return cgroup;
  }

  /** Lowering a limit below what is used makes the kernel reclaim, or kill, before this resolves. */
  async limit(limits: MemoryLimits): Promise<void> {
    const [max, swapMax] =
      this.#version === 2
        ? ['memory.max', 'memory.swap.max']
        : ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
    const none = this.#version === 2 ? 'max' : '-1';
    const text = (value: number | 'max') => (value === 'max' ? none : String(value));
    // v1 counts memory and swap together, and refuses a memory limit above that sum.
    const memsw = (swapBytes: number | 'max') =>
      this.#version === 2 || swapBytes === 'max' || typeof limits.maxBytes !== 'number'
        ? swapBytes
        : swapBytes + limits.maxBytes;
    if (limits.maxBytes !== undefined) await this.write(max, text(limits.maxBytes));
    if (limits.swapMaxBytes !== undefined) await this.write(swapMax, text(memsw(limits.swapMaxBytes)));
    if (limits.oomGroup !== undefined && this.#version === 2) {
      await this.write('memory.oom.group', limits.oomGroup ? '1' : '0');
    }
  }

  async usageBytes(): Promise<number> {
    return Number(await this.read(this.#version === 2 ? 'memory.current' : 'memory.usage_in_bytes'));
  }

  /** Kernel's count of processes killed in it or below, by its OOM killer; null where it does not count. */
  async oomKills(): Promise<number | null> {
    const text = await this.read(this.#version === 2 ? 'memory.events' : 'memory.oom_control');
    const count = /^oom_kill ([0-9]+)$/m.exec(text)?.[1];
    return count === undefined ? null : Number(count);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.#directory, file), 'utf8');
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.#directory, file), text);
  }

  /** Its processes have to be gone; they may still be leaving it. */
  async remove(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await rmdir(this.#directory);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return;
        if (code !== 'EBUSY' || tries === REMOVE_TRIES) throw error;
        await sleep(20);
      }
    }
  }

  async #passOn(): Promise<void> {
    if (this.#version === 2) await this.write('cgroup.subtree_control', '+memory');
  }
}
