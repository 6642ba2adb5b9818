import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import type { KubePod } from '../events/kube.js';
import { cgroupOwner, type QosClass } from './cgroup-owner.js';
import { BURSTABLE_MIN, requestForAdj } from './kubelet-adj.js';
import { isWithin } from './rank.js';

/** What the memory of a cgroup consists of, as far as the ledger needs it; null = not read. */
export interface CgroupHolding extends CgroupMemory {
  readonly anonBytes: number | null;
  readonly fileBytes: number | null;
  readonly kernelBytes: number | null;
  readonly inactiveFileBytes: number | null;
}

/** From /proc/meminfo. */
export interface NodeMemory {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly anonBytes: number;
  /** Page cache with shared memory and buffers. */
  readonly fileBytes: number;
  /** Slab, kernel stacks, page tables, per-CPU memory. */
  readonly kernelBytes: number;
  readonly hugetlbBytes: number;
}

export interface LedgerInput {
  readonly node: NodeMemory;
  /** A parent before its children, the root first. */
  readonly cgroups: readonly CgroupHolding[];
  readonly tasks: readonly Candidate[];
  /** What the API server tells of the node's containers; null = it was not asked, or did not answer. */
  readonly kubePods: readonly KubePod[] | null;
}

/**
 * Where the memory of a node is. All parts together are its capacity; what no counter explains is `unaccountedBytes`, signed,
 * since counters are read one after the other and the kernel charges in batches.
 */
export interface Ledger {
  readonly capacityBytes: number;
  readonly pods: Readonly<Record<QosClass, number>>;
  readonly systemBytes: number;
  readonly userBytes: number;
  /** Other cgroups at the top, and what is charged to none: files nobody holds any more, huge pages, the root's processes. */
  readonly other: { readonly cgroupsBytes: number; readonly rootBytes: number; readonly hugetlbBytes: number };
  /** Not charged to a cgroup. */
  readonly kernelBytes: number;
  readonly freeBytes: number;
  readonly unaccountedBytes: number;
  readonly outsidePodsBytes: number;
  /** Largest first. */
  readonly outsidePods: readonly LedgerUnit[];
  /** Without a limit, nor below one; largest first. */
  readonly unlimited: readonly LedgerUnit[];
  /** Nobody has a memory.high, though somebody has a memory.max. */
  readonly highUnused: boolean;
  /** Of containers: as the API server tells it, else of burstable ones as their adj tells it. */
  readonly requests: readonly ContainerRequest[];
}

/** A service, scope or container, or a cgroup that holds processes. */
export interface LedgerUnit {
  readonly path: string;
  readonly usageBytes: number;
  /** Reclaim cannot take it without swap. Null = not read. */
  readonly anonBytes: number | null;
  /** Of its processes the one that holds most; null = it has none. */
  readonly largest: { readonly pid: number; readonly comm: string; readonly rssBytes: number } | null;
}

export type ContainerRequest = KnownRequest | InferredRequest;

export interface KnownRequest {
  readonly path: string;
  readonly from: 'api-server';
  /** Null = it requests none. */
  readonly requestBytes: number | null;
}

export interface InferredRequest {
  readonly path: string;
  readonly from: 'adj';
  readonly adj: number;
  /** The smallest request that gives this adj, and the first that would give a lower one: kubelet rounds to 1/1000 of the node. */
  readonly atLeastBytes: number;
  /** Null = no bound: whatever is requested more gives the same. */
  readonly belowBytes: number | null;
}

/** Adds up a node. `capacityBytes` is RAM: swap is nobody's place. */
export function makeLedger({ node, cgroups, tasks, kubePods }: LedgerInput): Ledger {
  const top = cgroups.filter(({ level }) => level === 1);
  const kubepods = cgroups.find(({ path }) => isKubepods(path)) ?? null;
  const podsBytes = usage(kubepods);
  const pods = byQos(cgroups, kubepods);
  const named = (name: string) => usage(top.find(({ path }) => path === `/${name}`) ?? null);
  const systemBytes = named('system.slice') - insideBytes('/system.slice', kubepods);
  const userBytes = named('user.slice');
  const chargedBytes = sum(top, usage);
  const cgroupsBytes = chargedBytes - podsBytes - systemBytes - userBytes;
  const rootBytes =
    node.anonBytes + node.fileBytes - sum(top, ({ anonBytes, fileBytes }) => (anonBytes ?? 0) + (fileBytes ?? 0));
  const kernelBytes = node.kernelBytes - sum(top, ({ kernelBytes: bytes }) => bytes ?? 0);
  const { hugetlbBytes, freeBytes, totalBytes } = node;
  const outside = units(cgroups, tasks).filter(({ path }) => kubepods === null || !isWithin(path, kubepods.path ?? ''));
  return {
    capacityBytes: totalBytes,
    pods,
    systemBytes,
    userBytes,
    other: { cgroupsBytes, rootBytes, hugetlbBytes },
    kernelBytes,
    freeBytes,
    unaccountedBytes: totalBytes - chargedBytes - rootBytes - hugetlbBytes - kernelBytes - freeBytes,
    outsidePodsBytes: systemBytes + userBytes + cgroupsBytes,
    outsidePods: outside,
    unlimited: units(cgroups, tasks).filter(({ path }) => !isLimited(cgroups, path)),
    highUnused:
      cgroups.some(({ maxBytes }) => typeof maxBytes === 'number') &&
      !cgroups.some(({ highBytes }) => typeof highBytes === 'number'),
    requests: requestsOf(cgroups, tasks, totalBytes, kubePods ?? []),
  };
}

/** kubelet's own top: `kubepods`, `kubepods.slice`, or with a cgroup root before it `x-kubepods.slice`. */
function isKubepods(path: string | null): boolean {
  return path !== null && /^(?:[^/]*-)?kubepods(?:\.slice)?$/.test(path.slice(path.lastIndexOf('/') + 1));
}

function byQos(cgroups: readonly CgroupHolding[], kubepods: CgroupHolding | null): Record<QosClass, number> {
  const of = (qos: string) =>
    usage(
      cgroups.find(({ path, level }) => {
        const name = path?.slice(path.lastIndexOf('/') + 1) ?? '';
        const isClass = name === qos || name.endsWith(`kubepods-${qos}.slice`);
        return isClass && level === (kubepods?.level ?? 0) + 1 && isWithin(path ?? '', kubepods?.path ?? '');
      }) ?? null,
    );
  const [burstable, besteffort] = [of('burstable'), of('besteffort')];
  // Guaranteed pods stand directly in it.
  return { guaranteed: usage(kubepods) - burstable - besteffort, burstable, besteffort };
}

/** kubepods may lie below a slice of its own. */
function insideBytes(top: string, kubepods: CgroupHolding | null): number {
  return kubepods?.path !== null && kubepods !== null && isWithin(kubepods.path, top) ? usage(kubepods) : 0;
}

/** Services, scopes and containers where they begin; where there are none, cgroups that hold processes. Largest first. */
function units(cgroups: readonly CgroupHolding[], tasks: readonly Candidate[]): LedgerUnit[] {
  const places = new Set(tasks.map(({ cgroupPath }) => cgroupPath));
  const found: LedgerUnit[] = [];
  for (const cgroup of cgroups) {
    const { path, level, anonBytes, usageBytes } = cgroup;
    if (path === null || level === 0 || usageBytes === null) continue;
    if (found.some((unit) => isWithin(path, unit.path))) continue;
    const { unit, container } = cgroupOwner(path);
    if (unit === null && container === null && !places.has(path)) continue;
    found.push({ path, usageBytes, anonBytes, largest: largestIn(path, tasks) });
  }
  return found.sort((a, b) => b.usageBytes - a.usageBytes);
}

function largestIn(path: string, tasks: readonly Candidate[]): LedgerUnit['largest'] {
  let largest: LedgerUnit['largest'] = null;
  for (const { pid, comm, cgroupPath, rssAnonBytes, rssFileBytes, rssShmemBytes } of tasks) {
    if (cgroupPath === null || !isWithin(cgroupPath, path)) continue;
    const rssBytes = (rssAnonBytes ?? 0) + (rssFileBytes ?? 0) + (rssShmemBytes ?? 0);
    if (largest === null || rssBytes > largest.rssBytes) largest = { pid, comm, rssBytes };
  }
  return largest;
}

function isLimited(cgroups: readonly CgroupHolding[], path: string): boolean {
  return cgroups.some(
    (cgroup) => typeof cgroup.maxBytes === 'number' && cgroup.path !== null && isWithin(path, cgroup.path),
  );
}

/** One for each container. The processes of a burstable one share the adj that kubelet gave it. */
function requestsOf(
  cgroups: readonly CgroupHolding[],
  tasks: readonly Candidate[],
  nodeBytes: number,
  kubePods: readonly KubePod[],
): ContainerRequest[] {
  const known = new Map(
    kubePods.flatMap(({ containers }) => containers.map(({ id, requestBytes }) => [id, requestBytes])),
  );
  const requests = new Map<string, ContainerRequest>();
  for (const { path } of cgroups) {
    if (path === null) continue;
    const { pod, container } = cgroupOwner(path);
    if (pod === null || container === null) continue;
    const requestBytes = known.get(container.id);
    if (requestBytes !== undefined) {
      requests.set(path, { path, from: 'api-server', requestBytes });
      continue;
    }
    if (pod.qos !== 'burstable') continue;
    // The pause container has −998 and no request.
    const adj = tasks.find((task) => task.cgroupPath === path && task.adj >= BURSTABLE_MIN)?.adj;
    const atLeastBytes = adj === undefined ? null : requestForAdj(adj, nodeBytes);
    if (adj === undefined || atLeastBytes === null) continue;
    const belowBytes = requestForAdj(adj - 1, nodeBytes);
    requests.set(path, { path, from: 'adj', adj, atLeastBytes, belowBytes });
  }
  return [...requests.values()];
}

function usage(cgroup: Pick<CgroupMemory, 'usageBytes'> | null): number {
  return cgroup?.usageBytes ?? 0;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
