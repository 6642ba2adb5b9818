import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleLoss,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNearMiss,
  sampleNode,
  samplePressure,
  sampleSession,
} from '../../../test/support/sample-events.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { MAX_WAITING } from './kill-metrics.js';
import { MetricsSink } from './metrics-sink.js';

const POD = '/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab';
const APP = { id: 301, path: `${POD}/${'a'.repeat(64)}` };
const SIDECAR = { id: 302, path: `${POD}/${'b'.repeat(64)}` };

/** What Prometheus would read after these events. */
class Scraped {
  programs: { program: string; runs: number; runNs: number }[] = [];
  readonly sink = new MetricsSink({
    evictionBytes: 100 * MIB,
    clients: () => 3,
    programTimes: () => this.programs,
  });
  #model = initialModel;

  write(...events: OomscopeEvent[]): this {
    for (const event of events) {
      this.#model = applyEvents(this.#model, [event]);
      this.sink.write([event], this.#model);
    }
    return this;
  }

  /** Values by name and labels. */
  async values(): Promise<Record<string, number>> {
    const lines = (await this.sink.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  }
}

/** A kill of the sidecar, by the limit of the pod. */
function sidecarKill(episodeUs: number): EpisodeEvent {
  const vector = sampleCandidate({ pid: 99, comm: 'vector', cgroupId: SIDECAR.id, cgroupPath: SIDECAR.path });
  return sampleEpisode({
    tUs: episodeUs + 500,
    episodeUs,
    limitCgroup: sampleCgroup({ id: 300, path: POD }),
    victimCgroup: sampleCgroup({ ...SIDECAR }),
    choice: sampleChoice(vector),
    candidates: [vector],
  });
}

const NAMES = 'namespace="shop",pod="web-1",container="vector"';

describe('what Prometheus reads', () => {
  it('kills by cause, with the names of the pod, also when those come after the kill', async () => {
    const scraped = new Scraped().write(sampleSession(), sidecarKill(1_000_000_000));
    expect(Object.keys(await scraped.values()).join()).not.toContain('oomscope_kills_total{');
    scraped.write(sampleIdentity({ tUs: 1_000_001_000 }), sidecarKill(1_000_002_000));
    expect((await scraped.values())[`oomscope_kills_total{cause="ancestor-limit",${NAMES}}`]).toBe(2);
  });

  it('a kill whose names never come is counted without them', async () => {
    const scraped = new Scraped().write(sidecarKill(1_000_000_000), sampleLoss({ tUs: 1_011_000_000 }));
    const unnamed = 'oomscope_kills_total{cause="ancestor-limit",namespace="",pod="",container=""}';
    expect((await scraped.values())[unnamed]).toBe(1);
  });

  it('a victim whose memory had not grown', async () => {
    const scraped = new Scraped().write(sampleIdentity());
    for (const { id, path } of [APP, SIDECAR, { id: 300, path: POD }]) {
      scraped.write(sampleCgroupLife({ id, path, change: 'present' }));
    }
    const stat = sampleMemoryStat().cgroups[0];
    if (stat === undefined) throw new Error('the sample has a row');
    for (let step = 0; step < 20; step++) {
      const grown = { ...stat, anonBytes: (50 + 10 * step) * MIB, shmemBytes: 0, kernelBytes: 0, swapBytes: 0 };
      const still = { ...grown, anonBytes: 20 * MIB };
      const cgroups = [
        { ...grown, id: APP.id },
        { ...still, id: SIDECAR.id },
        { ...grown, id: 300, anonBytes: grown.anonBytes + still.anonBytes },
      ];
      scraped.write(sampleMemoryStat({ tUs: 900_000_000 + step * 5_000_000, cgroups }));
    }
    scraped.write(sidecarKill(1_000_000_000));
    expect((await scraped.values())[`oomscope_wrong_victim_kills_total{${NAMES}}`]).toBe(1);
  });

  it('a victim whose memory had not grown, also where another one grew between two points', async () => {
    const scraped = new Scraped().write(sampleIdentity());
    for (const { id, path } of [APP, SIDECAR, { id: 300, path: POD }]) {
      scraped.write(sampleCgroupLife({ id, path, change: 'present' }));
    }
    const calm = [APP.id, SIDECAR.id, 300].map((id) => ({ id, bytes: (id === 300 ? 40 : 20) * MIB }));
    for (const tUs of [990_000_000, 995_000_000]) {
      const stats = calm.map(({ id, bytes }) => sampleCgroupStat({ id, anonBytes: bytes, kernelBytes: 0 }));
      const samples = calm.map(({ id, bytes }) => sampleCgroupSample({ id, usageBytes: bytes }));
      scraped.write(
        sampleMemorySample({ tUs, kind: 'full', cgroups: samples }),
        sampleMemoryStat({ tUs, cgroups: stats }),
      );
    }
    const kill = sidecarKill(998_000_000);
    const app = sampleCandidate({ pid: 77, comm: 'myapp', cgroupPath: APP.path, rssAnonBytes: 80 * MIB });
    scraped.write({
      ...kill,
      limitCgroup: sampleCgroup({ id: 300, path: POD, usageBytes: 100 * MIB }),
      triggerCgroup: sampleCgroup({ ...APP, usageBytes: 80 * MIB }),
      victimCgroup: sampleCgroup({ ...SIDECAR, usageBytes: 20 * MIB }),
      candidates: [...kill.candidates, app],
    });
    expect((await scraped.values())[`oomscope_wrong_victim_kills_total{${NAMES}}`]).toBe(1);
  });

  it('pressure, near misses, losses, the way to eviction, and what oomscope costs', async () => {
    const values = await new Scraped()
      .write(sampleSession(), sampleNode({ kubeletAvailableBytes: 161 * MIB }))
      .write(samplePressure({ node: { spanUs: 1_000_000, someUs: 250_000, fullUs: 100_000 } }))
      .write(sampleNearMiss({ what: 'max-events', count: 4 }), sampleLoss({ where: 'ring-ballot', count: 7 }))
      .values();
    expect(values).toMatchObject({
      'oomscope_pressure_seconds_total{kind="some"}': 0.25,
      'oomscope_near_misses_total{what="max-events"}': 4,
      'oomscope_lost_total{where="ring-ballot"}': 7,
      oomscope_memory_available_bytes: 161 * MIB,
      oomscope_eviction_distance_bytes: 61 * MIB,
      oomscope_recording: 1,
      oomscope_clients: 3,
    });
    expect(values['oomscope_resident_memory_bytes']).toBeGreaterThan(10 * MIB);
    expect(values['oomscope_cpu_seconds_total']).toBeGreaterThan(0);
  });

  it('what the programs took in the kernel, of those that it measured', async () => {
    const scraped = new Scraped();
    scraped.programs = [
      { program: 'fentry_out_of_memory', runs: 2, runNs: 3_000 },
      { program: 'fentry_oom_badness', runs: 0, runNs: 0 },
    ];
    const told = Object.entries(await scraped.values()).filter(([name]) => name.startsWith('oomscope_program_'));
    expect(told).toEqual([
      ['oomscope_program_seconds_total{program="fentry_out_of_memory"}', 0.000_003],
      ['oomscope_program_runs_total{program="fentry_out_of_memory"}', 2],
    ]);
    // Counters are the kernel's: asked twice, they are the same.
    expect(await scraped.values()).toMatchObject(Object.fromEntries(told));
  });

  it('what no counter explains of the capacity of the node', async () => {
    const scraped = new Scraped().write(sampleNode());
    expect(Object.keys(await scraped.values())).not.toContain('oomscope_unaccounted_bytes');
    const app = { id: 301, path: '/app' };
    scraped.write(sampleCgroupLife({ ...app, change: 'present', level: 1 }));
    const sample = { ...sampleMemorySample(), cgroups: [] };
    const row = sampleMemorySample().cgroups[0];
    if (row === undefined) throw new Error('the sample has a row');
    const unaccounted = async (usageBytes: number) => {
      scraped.write({ ...sample, cgroups: [{ ...row, id: app.id, usageBytes }] });
      return (await scraped.values())['oomscope_unaccounted_bytes'] ?? Number.NaN;
    };
    const before = await unaccounted(100 * MIB);
    expect(before).not.toBeNaN();
    expect(before - (await unaccounted(130 * MIB))).toBe(30 * MIB);
  });

  it('is bounded, however many pods come and go', async () => {
    const scraped = new Scraped();
    for (let n = 0; n < 700; n++) {
      scraped.write(sampleIdentity({ pod: `job-${n}` }), sidecarKill(1_000_000_000 + n * 1000));
    }
    const kills = Object.entries(await scraped.values()).filter(([name]) => name.startsWith('oomscope_kills_total'));
    expect(kills).toHaveLength(501);
    expect(kills.reduce((sum, [, count]) => sum + count, 0)).toBe(700);
  });

  it('no kill is forgotten when too many wait for their names: it is counted as other, and so is that', async () => {
    const scraped = new Scraped();
    const kills = Array.from({ length: MAX_WAITING + 3 }, (_, n) => sidecarKill(1_000_000_000 + n));
    scraped.sink.write(kills, applyEvents(initialModel, [sampleSession()]));
    expect(await scraped.values()).toMatchObject({
      oomscope_kills_unnamed_total: 3,
      'oomscope_kills_total{cause="ancestor-limit",namespace="other",pod="other",container="other"}': 3,
    });
  });

  it('before there is a session nothing is said to be recorded', async () => {
    expect((await new Scraped().values())['oomscope_recording']).toBe(0);
  });
});
