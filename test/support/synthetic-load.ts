import type { OomscopeEvent } from '../../src/events/event.js';
import type { CgroupSample } from '../../src/events/memory-sample.js';
import type { CgroupStat } from '../../src/events/memory-stat.js';
import {
  MIB,
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
  sampleSession,
} from './sample-events.js';

export interface LoadShape {
  readonly cgroups: number;
  /** Under pressure: sampled at each tick, broken down ten times a second. */
  readonly hot: number;
}

const START_US = 1_000_000_000;
const TICK_US = 10_000;

/** What a busy node sends, tick by tick, a hundred ticks a second; as fast as one asks. */
export class SyntheticLoad {
  #tick = 0;

  constructor(private readonly shape: LoadShape) {}

  get nowUs(): number {
    return START_US + this.#tick * TICK_US;
  }

  begin(): OomscopeEvent[] {
    const ids = this.#ids(this.shape.cgroups);
    return [
      sampleSession({ tUs: this.nowUs }),
      ...ids.map((id) => sampleCgroupLife({ tUs: this.nowUs, id, path: `/kubepods/pod${id}/app` })),
    ];
  }

  /** One batch: what ten milliseconds bring. */
  next(): OomscopeEvent[] {
    this.#tick++;
    const tUs = this.nowUs;
    const isSecond = this.#tick % 100 === 0;
    const ids = this.#ids(isSecond ? this.shape.cgroups : this.shape.hot);
    const events: OomscopeEvent[] = [
      sampleMemorySample({
        tUs,
        kind: isSecond ? 'full' : 'delta',
        intervalUs: TICK_US,
        cgroups: ids.map((id) => this.#sample(id)),
      }),
    ];
    if (this.#tick % 10 === 0) events.push(...this.#slow(ids, tUs));
    return events;
  }

  #slow(ids: readonly number[], tUs: number): OomscopeEvent[] {
    const hot = ids.slice(0, this.shape.hot);
    return [
      sampleMemoryStat({ tUs, cgroups: ids.map((id) => this.#stat(id)), events: [], eventsLocal: [] }),
      samplePressure({ tUs, cgroups: hot.map((id) => sampleCgroupPressure({ id, spanUs: 10 * TICK_US })) }),
      sampleNode({ tUs, memFreeBytes: 900 * MIB - (this.#tick % 1000) * 4096 }),
    ];
  }

  #ids(count: number): number[] {
    return Array.from({ length: count }, (_, n) => n + 1);
  }

  #sample(id: number): CgroupSample {
    return sampleCgroupSample({ id, usageBytes: 50 * MIB + ((this.#tick * 37 + id * 1009) % 20_000) * 4096 });
  }

  #stat(id: number): CgroupStat {
    return sampleCgroupStat({ id, anonBytes: 40 * MIB + ((this.#tick * 31 + id * 811) % 10_000) * 4096 });
  }
}
