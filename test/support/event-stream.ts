import type { OomscopeEvent } from '../../src/events/event.js';
import type { VictimStep } from '../../src/events/victim.js';
import {
  sampleCandidate,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleLoss,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from './sample-events.js';

const AFTERMATH: readonly VictimStep[] = ['marked', 'reaper-queued', 'exited', 'reaper-skipped'];

/** Makes a plausible stream, event by event: kills whose aftermaths overlap. Time goes on by itself. */
export class EventStream {
  #nowUs = 1_000_000_000;
  #kills = 0;
  #memory = 0;
  readonly #open: OomscopeEvent[][] = [];

  /** The mark and the episode of a new kill, as they come from the kernel: the mark first. */
  kill(): OomscopeEvent[] {
    const pid = 1000 + this.#kills++;
    const episodeUs = this.#tick();
    const process = sampleProcess({ pid, comm: `hog${pid}` });
    const victim = sampleCandidate({ pid, comm: process.comm });
    const step = (name: VictimStep): OomscopeEvent =>
      sampleVictim({ tUs: episodeUs, episodeUs, tid: pid, process, step: name });
    this.#open.push(AFTERMATH.slice(1).map(step));
    return [
      { ...step('marked'), tUs: this.#tick() },
      sampleEpisode({
        episodeUs,
        trigger: process,
        candidates: [sampleCandidate({ pid: 99, comm: 'vector', rssAnonBytes: 0 }), victim],
        choice: sampleChoice(victim),
        tUs: this.#tick(),
      }),
    ];
  }

  /** The next step of the `index`-th kill that is not over (modulo their number); nothing when all are. */
  step(index: number): OomscopeEvent[] {
    const steps = this.#open[index % Math.max(1, this.#open.length)];
    const event = steps?.shift();
    if (steps?.length === 0) this.#open.splice(this.#open.indexOf(steps), 1);
    return event === undefined ? [] : [{ ...event, tUs: this.#tick() }];
  }

  loss(count: number): OomscopeEvent[] {
    return [sampleLoss({ tUs: this.#tick(), count })];
  }

  session(hostname: string): OomscopeEvent[] {
    return [sampleSession({ tUs: this.#tick(), hostname })];
  }

  /** One thing of memory after the other: cgroups come and go, full walks and deltas, breakdowns, pressure, the node. */
  memory(): OomscopeEvent[] {
    const n = this.#memory++;
    const id = 1 + (n % 7);
    const tUs = this.#tick();
    switch (n % 6) {
      case 0:
        return [sampleCgroupLife({ tUs, id, path: `/lab/${id}`, change: n % 4 === 0 ? 'appeared' : 'vanished' })];
      case 1: {
        const cgroups = [1, 2, 3, id + 3].map((row) => sampleCgroupSample({ id: row, usageBytes: n * row }));
        return [sampleMemorySample({ tUs, cgroups })];
      }
      case 2:
      case 3:
        return [sampleMemorySample({ tUs, kind: 'delta', cgroups: [sampleCgroupSample({ id, usageBytes: n })] })];
      case 4:
        return [sampleMemoryStat({ tUs, cgroups: [sampleCgroupStat({ id, anonBytes: n })] })];
      default:
        return [samplePressure({ tUs }), sampleNode({ tUs: this.#tick(), memFreeBytes: n })];
    }
  }

  #tick(): number {
    this.#nowUs += 100;
    return this.#nowUs;
  }
}
