import { Counter, Gauge, type Registry } from 'prom-client';
import type { OomscopeEvent } from '../../events/event.js';
import { ledgerNow } from '../../model/ledger-now.js';
import type { Model } from '../../model/model.js';

/** Cgroups at the top of the tree; the smallest of more are one. */
const MAX_TOP_CGROUPS = 20;
const US = 1_000_000;

/** What was lost for want of memory, and how far the node is from its limits. */
export class MemoryMetrics {
  readonly #pressure: Counter;
  readonly #stall: Counter;
  readonly #throttle: Counter;
  readonly #reclaim: Counter;
  readonly #nearMisses: Counter;
  readonly #available: Gauge;
  readonly #distance: Gauge;
  readonly #unaccounted: Gauge;
  readonly #top: Gauge;

  constructor(
    registry: Registry,
    /** kubelet's hard line under memory.available; null = it has none. */
    private readonly evictionBytes: number | null,
  ) {
    const registers = [registry];
    const counter = (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name: `oomscope_${name}`, help, labelNames, registers });
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name: `oomscope_${name}`, help, labelNames, registers });
    this.#pressure = counter('pressure_seconds_total', "The node's memory pressure (PSI): some or all tasks stalled.", [
      'kind',
    ]);
    this.#stall = counter('stall_seconds_total', 'Time for which tasks waited for memory, each task in full.');
    this.#throttle = counter('throttle_seconds_total', 'Time for which tasks slept because of memory.high.');
    this.#reclaim = counter(
      'reclaim_seconds_total',
      'Time for which tasks reclaimed memory for the limit of a cgroup.',
    );
    this.#nearMisses = counter('near_misses_total', 'Nobody was killed, but it was close.', ['what']);
    this.#available = gauge('memory_available_bytes', 'memory.available as kubelet computes it.');
    this.#distance = gauge('eviction_distance_bytes', "memory.available above kubelet's hard eviction threshold.");
    this.#unaccounted = gauge(
      'unaccounted_bytes',
      "Of the node's capacity, what no counter explains; below 0 where counters count twice.",
    );
    this.#top = gauge('top_cgroup_usage_bytes', 'Memory of each cgroup at the top of the tree.', ['cgroup']);
    this.#pressure.inc({ kind: 'some' }, 0);
    this.#pressure.inc({ kind: 'full' }, 0);
  }

  write(events: readonly OomscopeEvent[]): void {
    for (const event of events) {
      switch (event.topic) {
        case '/pressure':
          this.#pressure.inc({ kind: 'some' }, (event.node?.someUs ?? 0) / US);
          this.#pressure.inc({ kind: 'full' }, (event.node?.fullUs ?? 0) / US);
          this.#stall.inc(sum(event.cgroups.map(({ stallUs }) => stallUs ?? 0)) / US);
          break;
        case '/throttle':
          this.#throttle.inc(sum(event.cgroups.map(({ sleepUs }) => sleepUs)) / US);
          break;
        case '/reclaim':
          this.#reclaim.inc(sum(event.cgroups.map(({ reclaimUs }) => reclaimUs)) / US);
          break;
        case '/near-miss':
          this.#nearMisses.inc({ what: event.what }, event.count);
          break;
        default:
          break;
      }
    }
  }

  /** Gauges are read when they are asked for. */
  settle(model: Model): void {
    const { memory } = model;
    const available = memory.node?.kubeletAvailableBytes ?? null;
    if (available === null) this.#available.remove();
    else this.#available.set(available);
    if (available === null || this.evictionBytes === null) this.#distance.remove();
    else this.#distance.set(available - this.evictionBytes);
    const ledger = ledgerNow(model);
    if (ledger === null) this.#unaccounted.remove();
    else this.#unaccounted.set(ledger.unaccountedBytes);
    this.#top.reset();
    const top = [...memory.cgroups.values()].filter(({ level, path }) => level === 1 && path !== null);
    const usages = top
      .map(({ id, path }) => ({ cgroup: path ?? '', bytes: memory.samples.get(id)?.usageBytes ?? 0 }))
      .sort((a, b) => b.bytes - a.bytes);
    for (const { cgroup, bytes } of usages.slice(0, MAX_TOP_CGROUPS)) this.#top.set({ cgroup }, bytes);
    const rest = usages.slice(MAX_TOP_CGROUPS);
    if (rest.length > 0) this.#top.set({ cgroup: 'other' }, sum(rest.map(({ bytes }) => bytes)));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
