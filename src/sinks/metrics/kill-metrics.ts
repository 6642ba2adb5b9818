import { Counter, type Registry } from 'prom-client';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import { causeOf } from '../../model/cause.js';
import { culpritOf } from '../../model/culprit.js';
import type { Model } from '../../model/model.js';
import { withBirth, withKillPoint } from '../../model/tracks.js';
import { workloadOf } from '../../model/workload.js';
import type { RecentMemory } from './recent-memory.js';

/** Sets of labels; what dies beyond them is counted under `other`. */
const MAX_LABEL_SETS = 500;
/** A name that has not come by then does not come. */
const NAME_WAIT_US = 10_000_000;
/** Kills that may wait for a name at once; those beyond them are counted under `other` right away. */
export const MAX_WAITING = 10_000;

const NAMES = ['namespace', 'pod', 'container'] as const;
type Names = Record<(typeof NAMES)[number], string>;
const OTHER: Names = { namespace: 'other', pod: 'other', container: 'other' };

interface CountedKill {
  readonly tUs: number;
  readonly path: string | null;
  readonly cause: string;
  readonly isWrongVictim: boolean;
}

/** Kills by cause and whom they hit. */
export class KillMetrics {
  readonly #kills: Counter;
  readonly #wrongVictims: Counter;
  readonly #notAwaited: Counter;
  #waiting: CountedKill[] = [];
  readonly #labelSets = new Set<string>();

  constructor(
    registry: Registry,
    private readonly recent: RecentMemory,
  ) {
    const registers = [registry];
    this.#kills = new Counter({
      name: 'oomscope_kills_total',
      help: "Kills by the kernel's OOM killer, by cause and by the pod and container of the victim.",
      labelNames: ['cause', ...NAMES],
      registers,
    });
    this.#wrongVictims = new Counter({
      name: 'oomscope_wrong_victim_kills_total',
      help: 'Kills whose victim was not the one whose memory had grown.',
      labelNames: NAMES,
      registers,
    });
    this.#notAwaited = new Counter({
      name: 'oomscope_kills_unnamed_total',
      help: 'Kills that are counted under "other" because too many waited for their names already.',
      registers,
    });
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    for (const event of events) {
      const kill = this.#killOf(event, model);
      if (kill === null) continue;
      if (this.#waiting.length < MAX_WAITING) {
        this.#waiting.push(kill);
      } else {
        this.#notAwaited.inc();
        this.#count(kill, OTHER);
      }
    }
    if (this.#waiting.length > 0) this.settle(model);
  }

  /** Counts what has its names, or has waited for them long enough. */
  settle(model: Model): void {
    const nowUs = model.nowUs ?? 0;
    this.#waiting = this.#waiting.filter((kill) => {
      const workload = workloadOf(kill.path, model.pods);
      if (workload !== null && workload.unnamed !== null && nowUs - kill.tUs < NAME_WAIT_US) return true;
      const { namespace, pod, container } = workload ?? {};
      this.#count(kill, this.#bounded({ namespace: namespace ?? '', pod: pod ?? '', container: container ?? '' }));
      return false;
    });
  }

  #count({ cause, isWrongVictim }: CountedKill, names: Names): void {
    this.#kills.inc({ cause, ...names });
    if (isWrongVictim) this.#wrongVictims.inc(names);
  }

  #killOf(event: OomscopeEvent, model: Model): CountedKill | null {
    if (event.topic === '/oom/episode' && event.choice !== null) {
      const { cgroupPath } = event.choice.process;
      const path = event.victimCgroup?.path ?? cgroupPath;
      return { tUs: event.tUs, path, cause: causeOf(event).kind, isWrongVictim: this.#isWrong(event, model) };
    }
    if (event.topic === '/oom/victim' && event.step === 'marked' && event.episodeUs === null) {
      return { tUs: event.tUs, path: event.process?.cgroupPath ?? null, cause: 'unknown', isWrongVictim: false };
    }
    return null;
  }

  #isWrong(episode: EpisodeEvent, model: Model): boolean {
    // Its own points are seconds apart: the kill is the last one, or a fast ramp would lie between two.
    const tracks = withKillPoint(withBirth(this.recent.tracks(model.memory), episode.episodeUs), episode);
    const culprit = culpritOf(episode, tracks);
    return culprit.kind === 'cgroup' && !culprit.isVictim;
  }

  /** Names come from outside, and pods come and go: their number is bounded. */
  #bounded(names: Names): Names {
    const key = JSON.stringify(names);
    if (!this.#labelSets.has(key) && this.#labelSets.size >= MAX_LABEL_SETS) {
      return OTHER;
    }
    this.#labelSets.add(key);
    return names;
  }
}
