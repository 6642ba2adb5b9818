import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../src/events/event.js';
import { applyEvents, initialModel } from '../src/model/fold.js';
import { MetricsSink } from '../src/sinks/metrics/metrics-sink.js';
import { startWebServer, type WebServer } from '../src/sinks/websocket/server.js';
import {
  sampleCandidate,
  sampleCgroup,
  sampleChoice,
  sampleEpisode,
  sampleIdentity,
  sampleSession,
} from '../test/support/sample-events.js';

const TOKEN = 'a-token-for-prometheus-alone';
const RULES = fileURLToPath(new URL('../deploy/alerts/oomscope.rules.yaml', import.meta.url));
const CONTAINER = `/kubepods/burstable/pod3f1c9a52-7d1e-4a0b-9c55-0123456789ab/${'b'.repeat(64)}`;

/** `make test` installs it; `make check` does without. */
const isHere = spawnSync('prometheus', ['--version']).error === undefined;

let directory: string;
let server: WebServer;
let sink: MetricsSink;
let model = initialModel;
let prometheus: ChildProcess | null = null;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oomscope-prometheus-'));
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
  if (prometheus !== null && prometheus.exitCode === null) {
    prometheus.kill('SIGKILL');
    await once(prometheus, 'close');
  }
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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** As docs/kubernetes.md says, but each second. */
async function startPrometheus(): Promise<(path: string) => Promise<string>> {
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: [
      {
        job_name: 'oomscope',
        authorization: { credentials_file: join(directory, 'token') },
        static_configs: [{ targets: [new URL(server.url).host] }],
      },
    ],
  };
  // JSON is YAML.
  writeFileSync(join(directory, 'prometheus.yaml'), JSON.stringify(config));
  const port = await freePort();
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return async (path) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
    return answer === null ? '' : answer.text();
  };
}

describe.skipIf(!isHere)(`a real Prometheus${isHere ? '' : ' (skipped: prometheus is not installed)'}`, () => {
  it('reads with the token, and alerts of the container that is killed again and again', async () => {
    write(sampleSession(), sampleIdentity(), kill(0));
    const ask = await startPrometheus();
    const wait = { timeout: 20_000, interval: 300 };
    const counted = () => ask(`query?query=${encodeURIComponent('oomscope_kills_total{container="vector"}')}`);
    await expect.poll(counted, wait).toMatch(/"value":\[[\d.]+,"1"\]/);
    expect(await ask('alerts')).toContain('"alerts":[]');
    write(kill(1_000), kill(2_000), kill(3_000));
    await expect.poll(() => ask('alerts'), wait).toContain('"alertname":"OomKilledLoop"');
    const { data } = JSON.parse(await ask('alerts')) as { data: { alerts: object[] } };
    expect(data.alerts).toContainEqual(
      expect.objectContaining({
        state: 'firing',
        labels: expect.objectContaining({ namespace: 'shop', pod: 'web-1', container: 'vector' }),
      }),
    );
  }, 90_000);
});
