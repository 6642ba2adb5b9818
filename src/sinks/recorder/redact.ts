import { createHmac, randomBytes } from 'node:crypto';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { IdentityEvent } from '../../events/identity.js';
import type { KillEvent } from '../../events/kill.js';
import type { KubeEvent } from '../../events/kube.js';
import type { ProcessFacts } from '../../events/process.js';

/** How many hex digits stand for a name: two names of one host that meet are less than likely. */
const DIGITS = 8;

/**
 * Replaces names of processes and cgroups. Within a run the same name is always replaced by the same word, so that one
 * can still follow it; without the key, which is never written, nobody finds the name by trying.
 */
export class Redactor {
  readonly #key = randomBytes(32);
  readonly #words = new Map<string, string>();

  event(event: OomscopeEvent): OomscopeEvent {
    switch (event.topic) {
      case '/oom/episode':
        return this.#episode(event);
      case '/oom/victim':
        return {
          ...event,
          process: event.process && this.#process(event.process),
          commandLine: this.#commandLine(event.commandLine),
        };
      case '/kill':
        return this.#kill(event);
      case '/cgroup':
        return { ...event, path: this.#path(event.path) };
      case '/identity':
        return this.#identity(event);
      case '/process':
        return {
          ...event,
          processes: event.processes.map((process) => ({ ...process, comm: this.#word('p', process.comm) })),
        };
      case '/kube':
        return this.#kube(event);
      case '/session':
      case '/loss':
      case '/memory/sample':
      case '/memory/stat':
      case '/node':
      case '/pressure':
      case '/reclaim':
      case '/throttle':
      case '/near-miss':
      case '/gap':
        return event;
    }
  }

  #episode(event: EpisodeEvent): EpisodeEvent {
    const { choice } = event;
    return {
      ...event,
      trigger: event.trigger && this.#process(event.trigger),
      triggerCgroup: event.triggerCgroup && this.#cgroup(event.triggerCgroup),
      limitCgroup: event.limitCgroup && this.#cgroup(event.limitCgroup),
      limitAncestors: event.limitAncestors.map((ancestor) => this.#cgroup(ancestor)),
      victimCgroup: event.victimCgroup && this.#cgroup(event.victimCgroup),
      choice: choice && { ...choice, process: this.#process(choice.process) },
      candidates: event.candidates.map((candidate) => this.#process(candidate)),
    };
  }

  #identity(event: IdentityEvent): IdentityEvent {
    return {
      ...event,
      podUid: this.#pathName(event.podUid),
      namespace: event.namespace && this.#word('n', event.namespace),
      pod: event.pod && this.#word('d', event.pod),
      containers: event.containers.map(({ id, name, image, memoryLimitBytes }) => ({
        id: this.#pathName(id),
        name: name && this.#word('k', name),
        image: image && this.#word('i', image),
        memoryLimitBytes,
      })),
      // Names of teams and products, and whatever else people write there.
      labels: event.labels && { kept: [], leftOut: event.labels.kept.length + event.labels.leftOut },
    };
  }

  #kube(event: KubeEvent): KubeEvent {
    return {
      ...event,
      pods: event.pods.map(({ uid, namespace, name, owner, containers }) => ({
        uid: this.#pathName(uid),
        namespace: this.#word('n', namespace),
        name: this.#word('d', name),
        owner: owner && { ...owner, name: this.#word('d', owner.name) },
        containers: containers.map((container) => ({
          ...container,
          id: container.id && this.#pathName(container.id),
          name: this.#word('k', container.name),
        })),
      })),
      // Messages hold names in the middle of words.
      notices: event.notices.map((notice) => ({
        ...notice,
        namespace: notice.namespace && this.#word('n', notice.namespace),
        name: notice.kind === 'Node' ? notice.name : this.#word('d', notice.name),
        message: notice.message && this.#word('a', notice.message),
      })),
    };
  }

  #kill(event: KillEvent): KillEvent {
    const { sender, killedCgroup } = event;
    return {
      ...event,
      sender: sender && {
        ...sender,
        process: this.#process(sender.process),
        commandLine: this.#commandLine(sender.commandLine),
        parentComm: this.#word('p', sender.parentComm),
      },
      target: this.#process(event.target),
      commandLine: this.#commandLine(event.commandLine),
      killedCgroup: killedCgroup && { ...killedCgroup, path: this.#path(killedCgroup.path) },
    };
  }

  /** Arguments hold paths, addresses and secrets: nothing of them is kept. */
  #commandLine(text: string | null): string | null {
    return text === null ? null : this.#word('a', text);
  }

  #process<P extends Pick<ProcessFacts, 'comm' | 'cgroupPath'>>(process: P): P {
    return { ...process, comm: this.#word('p', process.comm), cgroupPath: this.#path(process.cgroupPath) };
  }

  #cgroup(cgroup: CgroupMemory): CgroupMemory {
    return { ...cgroup, path: this.#path(cgroup.path) };
  }

  /** Name by name, so that what lies in what stays visible. */
  #path(path: string | null): string | null {
    if (path === null) return null;
    // "…" stands for outer parts that were cut off.
    const names = path.split('/').map((name) => (name === '' || name === '…' ? name : this.#pathName(name)));
    return names.join('/');
  }

  /**
   * What Kubernetes makes up for a pod or container keeps its form around other digits: whose cgroup it is can still be
   * read, and not which one.
   */
  #pathName(name: string): string {
    if (!KUBERNETES_NAME.test(name)) return this.#word('c', name);
    return name.replace(IDS, (id) => this.#digits(id));
  }

  /** Other digits in the same places: a uid in a slice's name has "_" where it has "-" elsewhere. */
  #digits(id: string): string {
    const plain = id.replaceAll('_', '-');
    const digits = createHmac('sha256', this.#key).update(`id/${plain}`).digest('hex');
    let at = 0;
    return id.replace(/[0-9a-f]/g, () => digits[at++] ?? '0');
  }

  #word(kind: 'p' | 'c' | 'n' | 'd' | 'k' | 'i' | 'a', name: string): string {
    const id = `${kind}/${name}`;
    const known = this.#words.get(id);
    if (known !== undefined) return known;
    const word = `${kind}-${createHmac('sha256', this.#key).update(id).digest('hex').slice(0, DIGITS)}`;
    // Names come and go; what is forgotten is made again, the same.
    if (this.#words.size >= MAX_WORDS) this.#words.clear();
    this.#words.set(id, word);
    return word;
  }
}

const ID = '[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{32}';
const IDS = new RegExp(ID, 'g');
const KUBERNETES_NAME = new RegExp(
  `^(?:(?:(?:cri-containerd|crio|docker|libpod)-|pod)?(?:${ID})(?:\\.scope)?|kubepods|burstable|besteffort` +
    `|kubepods(?:-burstable|-besteffort)?(?:-pod(?:${ID}))?\\.slice(?::cri-containerd:(?:${ID}))?)$`,
);

const MAX_WORDS = 10_000;
