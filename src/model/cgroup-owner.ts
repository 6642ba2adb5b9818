/** Whom a cgroup belongs to, as far as its path says so. */
export interface CgroupOwner {
  readonly pod: { readonly uid: string; readonly qos: QosClass } | null;
  readonly container: { readonly id: string; readonly runtime: ContainerRuntime | null } | null;
  /** The innermost systemd service or scope that is no container, like `legacy-agent.service`. */
  readonly unit: string | null;
}

export type QosClass = 'guaranteed' | 'burstable' | 'besteffort';
export type ContainerRuntime = 'containerd' | 'cri-o' | 'docker' | 'podman';

const RUNTIME_OF: Readonly<Record<string, ContainerRuntime>> = {
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  docker: 'docker',
  libpod: 'podman',
};

// Kubernetes' own uids, and the hash that stands for one in static pods. systemd's slices have "_" for "-".
const UID = '[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32}';
const QOS = 'burstable|besteffort';
/** cgroupfs driver: `kubepods/burstable/pod<uid>`. */
const PLAIN_POD = new RegExp(`^pod(${UID})$`);
/** systemd driver: `kubepods-burstable-pod<uid>.slice`; kubelet's own cgroup root may stand before it. */
const SLICE_POD = new RegExp(`^(?:[^/]*-)?kubepods(?:-(${QOS}))?-pod(${UID})\\.slice$`);
/** containerd left to cgroupfs under a kubelet that says systemd: `kubepods-burstable-pod<uid>.slice:cri-containerd:<id>`. */
const MIXED_POD = new RegExp(`^(?:[^/]*-)?kubepods(?:-(${QOS}))?-pod(${UID})\\.slice:([a-z-]+):([0-9a-f]{64})$`);
const SCOPE = /^(cri-containerd|crio|docker|libpod)-([0-9a-f]{64})\.scope$/;
const BARE_ID = /^(?:(crio|libpod)-)?([0-9a-f]{64})$/;
const UNIT = /\.(?:service|scope|socket|mount|swap)$/;

/**
 * Reads a path below the cgroup mount: systemd and cgroupfs drivers, v1 and v2; containerd, CRI-O, Docker, podman. Of a
 * path whose outermost parts are missing the rest is read. In nested ones (a node in a container) the innermost counts.
 */
export function cgroupOwner(path: string): CgroupOwner {
  let owner: CgroupOwner = { pod: null, container: null, unit: null };
  let qos: QosClass | null = null;
  let beforeName = '';
  for (const name of path.split('/')) {
    const next = readName(name, { owner, qos, beforeName });
    if (next === null) qos = qosOf(name) ?? qos;
    else owner = next;
    beforeName = name;
  }
  return owner;
}

interface Place {
  readonly owner: CgroupOwner;
  readonly qos: QosClass | null;
  readonly beforeName: string;
}

/** The owner with one more name of the path; null = it says nothing about it. */
function readName(name: string, { owner, qos, beforeName }: Place): CgroupOwner | null {
  const plain = PLAIN_POD.exec(name);
  if (plain !== null) return pod(plain[1], qos);
  const slice = SLICE_POD.exec(name);
  if (slice !== null) return pod(slice[2], qosOf(slice[1] ?? ''));
  const mixed = MIXED_POD.exec(name);
  if (mixed !== null) return { ...pod(mixed[2], qosOf(mixed[1] ?? '')), container: container(mixed[4], mixed[3]) };
  const scope = SCOPE.exec(name);
  if (scope !== null) return { ...owner, container: container(scope[2], scope[1]) };
  const bare = BARE_ID.exec(name);
  // Elsewhere 64 hex digits may be anything.
  if (bare !== null && (owner.pod !== null || /^(?:docker|libpod_parent)$/.test(beforeName))) {
    return { ...owner, container: container(bare[2], bare[1] ?? beforeName) };
  }
  return UNIT.test(name) ? { ...owner, unit: name } : null;
}

function pod(uid: string | undefined, qos: QosClass | null): CgroupOwner {
  return {
    pod: { uid: (uid ?? '').replaceAll('_', '-'), qos: qos ?? 'guaranteed' },
    container: null,
    unit: null,
  };
}

function container(id: string | undefined, runtime: string | undefined): CgroupOwner['container'] {
  return { id: id ?? '', runtime: RUNTIME_OF[runtime === 'libpod_parent' ? 'libpod' : (runtime ?? '')] ?? null };
}

/** Pods of the class guaranteed stand beside the folders of the others. */
function qosOf(name: string): QosClass | null {
  const match = /^(?:(?:[^/]*-)?kubepods-)?(burstable|besteffort)(?:\.slice)?$/.exec(name);
  return (match?.[1] as QosClass | undefined) ?? null;
}
