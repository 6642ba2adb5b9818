import { createHmac, randomBytes } from 'node:crypto';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
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
        return { ...event, process: event.process && this.#process(event.process) };
      case '/cgroup':
        return { ...event, path: this.#path(event.path) };
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

  #process<P extends ProcessFacts>(process: P): P {
    return { ...process, comm: this.#word('p', process.comm), cgroupPath: this.#path(process.cgroupPath) };
  }

  #cgroup(cgroup: CgroupMemory): CgroupMemory {
    return { ...cgroup, path: this.#path(cgroup.path) };
  }

  /** Name by name, so that what lies in what stays visible. */
  #path(path: string | null): string | null {
    if (path === null) return null;
    // "…" stands for outer parts that were cut off.
    const names = path.split('/').map((name) => (name === '' || name === '…' ? name : this.#word('c', name)));
    return names.join('/');
  }

  #word(kind: 'p' | 'c', name: string): string {
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

const MAX_WORDS = 10_000;
