import { OomscopeError } from '../../base/errors.js';
import type { ContainerIdentity } from '../../events/identity.js';
import type { FoundPod, IdentityPlace } from '../identity-place.js';
import type { CriClient } from './cri-client.js';
import { foundPods } from './found-pods.js';

/** A container runtime's own word of its pods, by its CRI socket. Each look is a connection of its own, so that a runtime which was started anew is just asked again. */
export class CriPlace implements IdentityPlace {
  readonly folders: readonly string[] = [];
  /** Asked for once a container: null = none, or the runtime does not tell. */
  #limits = new Map<string, number | null>();
  #problem: OomscopeError | null = null;
  #client: CriClient | null = null;
  #closed = false;

  constructor(
    private readonly socket: string,
    /** A line for a person, when the runtime cannot be asked and when it can again. */
    private readonly say: (line: string) => void,
  ) {}

  async look(tell: (pods: readonly FoundPod[]) => void): Promise<void> {
    if (this.#closed) return;
    // As large as half of oomscope: the kernel is watched before it is there.
    const { CriClient } = await import('./cri-client.js');
    const client = new CriClient(this.socket);
    this.#client = client;
    try {
      await this.#ask(client, tell);
      this.#note(null);
    } catch (error) {
      if (!(error instanceof OomscopeError)) throw error;
      this.#note(error);
    } finally {
      client.close();
      this.#client = null;
    }
  }

  isTold({ image }: ContainerIdentity): boolean {
    return image !== null;
  }

  whyNot(): string {
    if (this.#problem === null)
      return `the container runtime at ${this.socket} does not list it: it was removed before`;
    return `the container runtime could not be asked: ${this.#problem.code}: ${this.#problem.message}`;
  }

  close(): void {
    this.#closed = true;
    this.#client?.close();
  }

  async #ask(client: CriClient, tell: (pods: readonly FoundPod[]) => void): Promise<void> {
    const containers = await client.listContainers();
    const sandboxes = await client.listPodSandboxes();
    // Names first: a kill waits for them, and for nothing else.
    tell(foundPods(containers, sandboxes, this.#limits));
    if (
      await this.#askLimits(
        client,
        containers.flatMap(({ id }) => id ?? []),
      )
    ) {
      tell(foundPods(containers, sandboxes, this.#limits));
    }
  }

  /** True = at least one is known that was not before. */
  async #askLimits(client: CriClient, ids: readonly string[]): Promise<boolean> {
    const present = new Set(ids);
    this.#limits = new Map([...this.#limits].filter(([id]) => present.has(id)));
    let learned = false;
    for (const id of ids) {
      if (this.#limits.has(id)) continue;
      const bytes = await client.memoryLimitBytes(id).catch((error: unknown) => {
        // It was removed since the list.
        if (error instanceof OomscopeError && error.code === 'E_CRI_BAD_ANSWER') return null;
        throw error;
      });
      this.#limits.set(id, bytes);
      learned ||= bytes !== null;
    }
    return learned;
  }

  #note(problem: OomscopeError | null): void {
    const before = this.#problem;
    this.#problem = problem;
    if (this.#closed || before?.code === problem?.code) return;
    if (problem === null) this.say(`The container runtime at ${this.socket} answers again.`);
    else this.say(`${problem.toLine()} Names go on coming from paths and log folders.`);
  }
}
