import type { ContainerIdentity, PodLabels } from '../events/identity.js';

/** Where names come from. */
export interface IdentityPlace {
  /** Folders whose changes are a reason to look again. */
  readonly folders: readonly string[];
  /**
   * Looks once; never rejects. Tells all pods that are there now, once or again when more of them is known; a place that
   * cannot be asked tells nothing, and what it told before holds.
   */
  look(tell: (pods: readonly FoundPod[]) => void): Promise<void>;
  /** True = it could tell no more of this container. */
  isTold(container: ContainerIdentity): boolean;
  /** A clause: why the last look did not find whom it was to find. */
  whyNot(): string;
  /** A look that is under way ends soon. */
  close(): void;
}

/** A pod as one place tells it. */
export interface FoundPod {
  readonly podUid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly containers: readonly ContainerIdentity[];
  /** Null = this place does not tell them. */
  readonly labels: PodLabels | null;
}
