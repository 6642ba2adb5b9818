import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../src/events/event.js';
import { applyEvents, initialModel } from '../src/model/fold.js';
import { MetricsSink } from '../src/sinks/metrics/metrics-sink.js';
import { startWebServer, type WebServer } from '../src/sinks/websocket/server.js';
import { Prometheus, prometheusIsHere } from '../test/support/prometheus.js';
import {
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleSession,
} from '../test/support/sample-events.js';

const TOKEN = 'a-token-for-prometheus-alone';
const CONTAINER = `/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab/${'b'.repeat(64)}`;

let directory: string;
let server: WebServer;
let sink: MetricsSink;
let model = initialModel;
let prometheus: Prometheus | null = null;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oomscope-scraped-'));
  writeFileSync(join(directory, 'token'), TOKEN);
  model = initialModel;
  sink = new MetricsSink({ evictionBytes: null, clients: () => 0, programTimes: () => [] });
  const metrics = () => sink.text();
  server = await startWebServer({
    ...{ host: '127.0.0.1', port: 0, uiDir: directory, tokenFile: join(directory, 'token') },
    ...{ metrics, audit: () => {} },
  });
});

afterEach(async () => {
  await prometheus?.stop();
  prometheus = null;
  await server.close();
  rmSync(directory, { recursive: true });
});

function write(...events: OomscopeEvent[]): void {
  model = applyEvents(model, events);
  sink.write(events, model);
}

function kill(n: number): OomscopeEvent {
  const vector = sampleCandidate({ pid: 99, comm: 'vector', cgroupId: 302, cgroupPath: CONTAINER });
  const episodeUs = 1_000_000_000 + n;
  return sampleEpisode({
    tUs: episodeUs + 500,
    episodeUs,
    victimCgroup: sampleCgroup({ id: 302, path: CONTAINER }),
    choice: sampleChoice(vector),
    candidates: [vector],
  });
}

const title = `a real Prometheus${prometheusIsHere ? '' : ' (skipped: prometheus is not installed)'}`;

describe.skipIf(!prometheusIsHere)(title, () => {
  it('reads with the token, and alerts of the container that is killed again and again', async () => {
    write(sampleSession(), sampleIdentity(), kill(0));
    const reader = await Prometheus.start(new URL(server.url).host, TOKEN);
    prometheus = reader;
    const wait = { timeout: 20_000, interval: 300 };
    await expect.poll(() => reader.value('oomscope_kills_total{container="vector"}'), wait).toBe('1');
    expect(await reader.alerts()).toEqual([]);
    write(kill(1_000), kill(2_000), kill(3_000));
    await expect
      .poll(() => reader.alerts(), wait)
      .toContainEqual(
        expect.objectContaining({
          state: 'firing',
          labels: expect.objectContaining({
            ...{ alertname: 'OomKilledLoop', namespace: 'shop', pod: 'web-1', container: 'vector' },
          }),
        }),
      );
  }, 90_000);
});
