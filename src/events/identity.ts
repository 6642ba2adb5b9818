/**
 * Names of a pod on this node and of its containers, as something outside the kernel tells them: its log files, or a
 * container runtime. All that is known of the pod, so a later event of the same pod replaces an earlier one.
 * Cgroups are found by what stands in their paths, the pod's uid and the container's id.
 */
export interface IdentityEvent {
  readonly topic: '/identity';
  readonly tUs: number;
  readonly podUid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly containers: readonly ContainerIdentity[];
  /** True = the pod has left the node. Its name still holds for what is told of it. */
  readonly gone: boolean;
}

export interface ContainerIdentity {
  /** 64 hex digits. A container that was started again has a new one. */
  readonly id: string;
  readonly name: string;
  /** Null = not known: log files do not tell it. */
  readonly image: string | null;
}
