import { join } from 'node:path';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { CgroupHolding, LedgerInput, NodeMemory } from '../../model/ledger.js';
import { parseMeminfoBytes } from '../kernel/proc-text.js';
import { type CgroupMount, findCgroupMount, readCgroupTree } from './cgroup-tree.js';
import { readNodeTotals } from './node-memory.js';
import { readText } from './read-text.js';
import { openTaskReader, type TaskReader } from './tasks.js';

/** Reads where the memory of this host is. Close it. */
export class LedgerSource {
  private readonly mount: CgroupMount | null = findCgroupMount();
  private readonly tasks: TaskReader = openTaskReader();

  /** All but what the API server tells. */
  read(): Omit<LedgerInput, 'kubePods'> {
    const { mount } = this;
    const cgroups = mount === null ? [] : readCgroupTree(mount).map((cgroup) => withHolding(mount, cgroup));
    const tasks = this.tasks.read(new Map(cgroups.map(({ id, path }) => [id, path])), readNodeTotals().pageSizeBytes);
    return { cgroups, tasks, node: parseNodeMemory(readText('/proc/meminfo') ?? '') };
  }

  /**
   * kubelet's memory.available: capacity less the working set of the root. On cgroup v2 the root counts no usage, so kubelet
   * takes its anonymous memory and page cache, which is what v1 counts (opencontainers/runc#3933); null = not readable.
   * native/memory_files.cc does it alike.
   */
  availableBytes(): number | null {
    const { mount } = this;
    if (mount === null) return null;
    const meminfo = readText('/proc/meminfo') ?? '';
    const totalBytes = parseMeminfoBytes(meminfo, 'MemTotal');
    const stat = parseStat(readText(join(mount.path, 'memory.stat')) ?? '');
    const inactive = stat.get(mount.version === 2 ? 'inactive_file' : 'total_inactive_file');
    const usage =
      mount.version === 2
        ? (stat.get('anon') ?? Number.NaN) + (stat.get('file') ?? Number.NaN)
        : Number(readText(join(mount.path, 'memory.usage_in_bytes')) ?? Number.NaN);
    if (inactive === undefined || Number.isNaN(usage)) return null;
    return totalBytes - Math.max(0, usage - inactive);
  }

  close(): void {
    this.tasks.close();
  }
}

function parseNodeMemory(meminfo: string): NodeMemory {
  const bytes = (name: string) => parseMeminfoBytes(meminfo, name);
  return {
    totalBytes: bytes('MemTotal'),
    freeBytes: bytes('MemFree'),
    anonBytes: bytes('AnonPages'),
    // Cached holds shared memory as well; what is in swap and in memory at once stands in SwapCached.
    fileBytes: bytes('Cached') + bytes('Buffers') + bytes('SwapCached'),
    kernelBytes: bytes('Slab') + bytes('KernelStack') + bytes('PageTables') + bytes('SecPageTables') + bytes('Percpu'),
    hugetlbBytes: bytes('Hugetlb'),
  };
}

function withHolding(mount: CgroupMount, cgroup: CgroupMemory): CgroupHolding {
  const none = { anonBytes: null, fileBytes: null, kernelBytes: null, inactiveFileBytes: null };
  if (cgroup.path === null || cgroup.level === 0) return { ...cgroup, ...none };
  const text = readText(join(mount.path, cgroup.path, 'memory.stat'));
  if (text === null) return { ...cgroup, ...none };
  const stat = parseStat(text);
  const value = (name: string) => stat.get(name) ?? null;
  if (mount.version === 1) {
    const kernel = readText(join(mount.path, cgroup.path, 'memory.kmem.usage_in_bytes'));
    return {
      ...cgroup,
      anonBytes: value('total_rss'),
      fileBytes: value('total_cache'),
      kernelBytes: kernel === null ? null : Number(kernel),
      inactiveFileBytes: value('total_inactive_file'),
    };
  }
  return {
    ...cgroup,
    anonBytes: value('anon'),
    fileBytes: value('file'),
    // `kernel` is there since 5.18; before, its parts.
    kernelBytes: value('kernel') ?? (value('slab') ?? 0) + (value('kernel_stack') ?? 0) + (value('percpu') ?? 0),
    inactiveFileBytes: value('inactive_file'),
  };
}

function parseStat(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      const [name, value] = line.split(' ');
      return name === undefined || value === undefined ? [] : [[name, Number(value)]];
    }),
  );
}
