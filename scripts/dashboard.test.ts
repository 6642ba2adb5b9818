import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MetricsSink } from '../src/sinks/metrics/metrics-sink.js';

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const file = fileURLToPath(new URL('../deploy/dashboard/oomscope.json', import.meta.url));
const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: readonly Panel[] };
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const metricsIn = (text: string) => [...new Set(text.match(/\boomscope_\w+/g))].sort();

/** Prometheus' own judge. `make test` installs it; `make check` does without. */
const isHere = spawnSync('promtool', ['--version']).error === undefined;

describe('the dashboard', () => {
  it('shows every metric that there is, and none that there is not', async () => {
    const sink = new MetricsSink({ evictionBytes: 0, clients: () => 0, programTimes: () => [] });
    const told = metricsIn([...(await sink.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).join(' '));
    // Which nodes there are to choose from is asked of it.
    expect(metricsIn(expressions.join(' '))).toEqual(told.filter((name) => name !== 'oomscope_session_info'));
    expect(told).toContain('oomscope_session_info');
  });

  it('has no two panels in one place', () => {
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
  });

  it.skipIf(!isHere)(`asks what Prometheus understands${isHere ? '' : ' (skipped: promtool is not installed)'}`, () => {
    // Grafana puts its own words in before it asks.
    const asked = expressions.map((expr) => expr.replaceAll('$__range', '6h').replaceAll('$instance', '.*'));
    const rules = asked.map((expr, n) => ({ record: `panel:${n}`, expr }));
    const directory = mkdtempSync(join(tmpdir(), 'oomscope-dashboard-'));
    // JSON is YAML.
    writeFileSync(join(directory, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', 'rules.yaml'], {
      cwd: directory,
      encoding: 'utf8',
    });
    rmSync(directory, { recursive: true });
    expect({ status, said: `${stdout}${stderr}` }).toMatchObject({
      status: 0,
      said: expect.stringContaining(`${expressions.length} rules found`),
    });
  });
});
