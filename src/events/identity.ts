/**
 * Names of a pod on this node and of its containers, as something outside the kernel tells them: its log files, or a
 * container runtime. All that is known of the pod, so a later event of the same pod replaces an earlier one.
 * Cgroups are found by what stands in their paths, the pod's uid and the container's id.
 */
export interface IdentityEvent {
  readonly topic: '/identity';
  readonly tUs: number;
  readonly podUid: string;
  /** Null = was looked for after a kill and not found, as `unnamed` says. */
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly containers: readonly ContainerIdentity[];
  /** Null = not known: log files do not tell them. */
  readonly labels: PodLabels | null;
  /** True = the pod has left the node. Its name still holds for what is told of it. */
  readonly gone: boolean;
  /** Where a name is null: where it was looked for, and what came of that. Null = each has its name. */
  readonly unnamed: string | null;
}

export interface ContainerIdentity {
  /** 64 hex digits. A container that was started again has a new one. */
  readonly id: string;
  /** Null = as for `namespace`. */
  readonly name: string | null;
  /** Null = not known: log files do not tell it. */
  readonly image: string | null;
  /** As the container runtime was told it, when the container was first seen; null = it has none or it is not known. */
  readonly memoryLimitBytes: number | null;
}

/** Those that people gave the pod: kubelet's own repeat its names. */
export interface PodLabels {
  readonly kept: readonly PodLabel[];
  /** So many more there are: what is kept is bounded. */
  readonly leftOut: number;
}

export interface PodLabel {
  readonly name: string;
  readonly value: string;
}
