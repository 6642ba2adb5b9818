import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { applyEvents, initialModel } from '../src/model/fold.js';
import { MetricsSink } from '../src/sinks/metrics/metrics-sink.js';
import {
  sampleCgroupLife,
  sampleEpisode,
  sampleMemoryStat,
  sampleNode,
  sampleSession,
} from '../test/support/sample-events.js';

const ALERTS = join(dirname(dirname(fileURLToPath(import.meta.url))), 'deploy/alerts');

/** Prometheus' own judge. `make test` installs it; `make check` does without. */
const isHere = spawnSync('promtool', ['--version']).error === undefined;

function promtool(args: readonly string[], input?: string) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ALERTS, encoding: 'utf8', input });
  return { status, said: `${stdout}${stderr}` };
}

describe.skipIf(!isHere)(`what Prometheus is given${isHere ? '' : ' (skipped: promtool is not installed)'}`, () => {
  it('are rules that it takes', () => {
    expect(promtool(['check', 'rules', 'oomscope.rules.yaml'])).toMatchObject({ status: 0 });
  });

  it('alerts as deploy/alerts/oomscope.test.yaml says, and only then', () => {
    expect(promtool(['test', 'rules', 'oomscope.test.yaml'])).toMatchObject({ status: 0 });
  });

  it('are metrics that its linter finds nothing wrong with', async () => {
    const sink = new MetricsSink({ evictionBytes: 100 * 2 ** 20, clients: () => 1, programTimes: () => [] });
    let model = initialModel;
    for (const event of [sampleSession(), sampleCgroupLife(), sampleNode(), sampleMemoryStat(), sampleEpisode()]) {
      model = applyEvents(model, [event]);
      sink.write([event], model);
    }
    const text = await sink.text();
    expect(text).toContain('oomscope_kills_total');
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, said: '' });
  });
});
