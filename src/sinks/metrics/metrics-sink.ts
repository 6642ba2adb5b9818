import { Counter, Gauge, Registry } from 'prom-client';
import type { OomscopeEvent } from '../../events/event.js';
import { initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import type { Sink } from '../sink.js';
import { KillMetrics } from './kill-metrics.js';
import { MemoryMetrics } from './memory-metrics.js';
import { RecentMemory } from './recent-memory.js';

export interface MetricsOptions {
  /** kubelet's hard eviction line under memory.available; null = it has none. */
  readonly evictionBytes: number | null;
  /** How many pages are open. */
  readonly clients: () => number;
  /** What each program in the kernel took. */
  readonly programTimes: () => readonly { readonly program: string; readonly runs: number; readonly runNs: number }[];
}

/** What Prometheus asks for: counters of what happened, gauges of how things stand. Their number is bounded. */
export class MetricsSink implements Sink {
  readonly #registry = new Registry();
  readonly #recent = new RecentMemory();
  readonly #kills: KillMetrics;
  readonly #memory: MemoryMetrics;
  readonly #lost: Counter;
  #model: Model = initialModel;

  constructor({ evictionBytes, clients, programTimes }: MetricsOptions) {
    this.#kills = new KillMetrics(this.#registry, this.#recent);
    this.#memory = new MemoryMetrics(this.#registry, evictionBytes);
    this.#lost = new Counter({
      name: 'oomscope_lost_total',
      help: 'Records and events that oomscope lost, by place.',
      labelNames: ['where'],
      registers: [this.#registry],
    });
    this.#addOwn(clients);
    addProgramTimes(this.#registry, programTimes);
  }

  write(events: readonly OomscopeEvent[], model: Model): void {
    this.#model = model;
    for (const event of events) {
      if (event.topic === '/loss') this.#lost.inc({ where: event.where }, event.count);
      if (event.topic === '/memory/stat') this.#recent.take(model.memory, event.tUs);
    }
    this.#kills.write(events, model);
    this.#memory.write(events);
  }

  async close(): Promise<void> {}

  /** In Prometheus's text format. */
  text(): Promise<string> {
    this.#kills.settle(this.#model);
    this.#memory.settle(this.#model);
    return this.#registry.metrics();
  }

  /** What oomscope itself costs, and whether it sees. */
  #addOwn(clients: () => number): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name: `oomscope_${name}`,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('recording', '1 = kills are recorded.', () => (sees(this.#model) ? 1 : 0));
    gauge('clients', 'Pages that are open.', clients);
    gauge('resident_memory_bytes', 'Memory of oomscope itself.', () => process.memoryUsage.rss());
    const sinceStart = { seconds: 0 };
    new Counter({
      name: 'oomscope_cpu_seconds_total',
      help: 'CPU time of oomscope itself, without its programs in the kernel.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        const seconds = (user + system) / 1_000_000;
        this.inc(Math.max(0, seconds - sinceStart.seconds));
        sinceStart.seconds = seconds;
      },
    });
    const model = () => this.#model;
    new Gauge({
      name: 'oomscope_session_info',
      help: 'Version, kernel and the way in which kills are recorded; always 1.',
      labelNames: ['version', 'kernel', 'attach_mode'],
      registers,
      collect() {
        const { session } = model();
        this.reset();
        if (session === null) return;
        const { oomscopeVersion, kernelRelease, attachMode } = session;
        this.set({ version: oomscopeVersion, kernel: kernelRelease ?? '', attach_mode: attachMode }, 1);
      },
    });
  }
}

/**
 * Nothing is told of a program that never ran while the kernel measured: the sysctl is not asked, since a BPF_ENABLE_STATS of
 * another tool (bpftop) makes the kernel measure too.
 */
function addProgramTimes(registry: Registry, programTimes: MetricsOptions['programTimes']): void {
  const add = (name: string, help: string, value: (time: { runs: number; runNs: number }) => number) =>
    new Counter({
      name,
      help: `${help} Only where the kernel measures it: kernel.bpf_stats_enabled=1.`,
      labelNames: ['program'],
      registers: [registry],
      collect() {
        this.reset();
        for (const time of programTimes()) if (time.runs > 0) this.inc({ program: time.program }, value(time));
      },
    });
  add('oomscope_program_seconds_total', "CPU time of oomscope's programs in the kernel.", ({ runNs }) => runNs / 1e9);
  add('oomscope_program_runs_total', "How often oomscope's programs in the kernel ran.", ({ runs }) => runs);
}

function sees({ session }: Model): boolean {
  return session !== null && session.attachMode !== 'none';
}
