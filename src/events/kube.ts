/**
 * What the Kubernetes API server tells of this node, where it is asked (`--kube-api`). All that is known at this moment, so a
 * later event replaces an earlier one.
 */
export interface KubeEvent {
  readonly topic: '/kube';
  readonly tUs: number;
  readonly node: string;
  /** Why the last attempt brought nothing; what is told is then of an earlier one. Null = it brought all of this. */
  readonly obstacle: string | null;
  readonly pods: readonly KubePod[];
  readonly conditions: readonly NodeCondition[];
  /** Evictions and what else is said of the node's memory, oldest first; the newest 100. */
  readonly notices: readonly KubeNotice[];
}

export interface KubePod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** The controller that made it; null = somebody made it by hand. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly containers: readonly KubeContainer[];
}

export interface KubeContainer {
  /** 64 hex digits of the one that runs, or ran last; null = none ran yet. */
  readonly id: string | null;
  readonly name: string;
  /** Null = it requests no memory. */
  readonly requestBytes: number | null;
  /** Null = it has no limit. */
  readonly limitBytes: number | null;
}

/** As in the node's status: `MemoryPressure`, `Ready` and others. */
export interface NodeCondition {
  readonly type: string;
  readonly status: 'true' | 'false' | 'unknown';
  readonly reason: string;
}

export interface KubeNotice {
  /** Who is meant. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `Evicted`, `EvictionThresholdMet`, `SystemOOM`, `NodeHasInsufficientMemory` and others. */
  readonly reason: string;
  readonly message: string;
  /** When it was said last: µs since 1970, by a clock of another machine perhaps. */
  readonly atUs: number;
  readonly count: number;
}
