import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundPod, IdentityPlace } from './identity-place.js';
import { parseContainerLink, parsePodFolder, podOfLinkTarget } from './log-names.js';

/** kubelet's log folder of each pod, and its links to each container's log: names and ids stand in their names. */
export class LogFolders implements IdentityPlace {
  /** Links never change; reading each of them again at every look would be most of the work. */
  #targets = new Map<string, string>();

  /** `root`: /var/log, or where a test has put another. */
  constructor(private readonly root: string) {}

  get folders(): readonly string[] {
    return [this.#pods, this.#containers];
  }

  /** A folder that is not there holds nothing: this is no Kubernetes node, or it is not mounted. */
  async look(tell: (pods: readonly FoundPod[]) => void): Promise<void> {
    const pods = (await namesIn(this.#pods)).map(parsePodFolder).filter((pod) => pod !== null);
    tell([...pods.map((pod) => ({ ...pod, containers: [], labels: null })), ...(await this.#findLinks())]);
  }

  isTold(): boolean {
    return true;
  }

  whyNot(): string {
    return `kubelet has no log file of it below ${this.root}`;
  }

  close(): void {}

  async #findLinks(): Promise<FoundPod[]> {
    const found: FoundPod[] = [];
    const targets = new Map<string, string>();
    for (const name of await namesIn(this.#containers)) {
      const link = parseContainerLink(name);
      if (link === null) continue;
      const target = this.#targets.get(name) ?? (await targetOf(join(this.#containers, name)));
      targets.set(name, target);
      const pod = podOfLinkTarget(target);
      if (pod === null) continue;
      const container = { id: link.containerId, name: link.container, image: null, memoryLimitBytes: null };
      found.push({ ...pod, containers: [container], labels: null });
    }
    this.#targets = targets;
    return found;
  }

  get #pods(): string {
    return join(this.root, 'pods');
  }

  get #containers(): string {
    return join(this.root, 'containers');
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** '' = the link went away since. */
async function targetOf(link: string): Promise<string> {
  return readlink(link).catch(() => '');
}
