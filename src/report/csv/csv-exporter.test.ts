import { expect, test } from 'vitest';
import { exportOf, type MadeFile } from '../../../test/support/export-of.js';
import {
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleEpisode,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNode,
  samplePressure,
  sampleSession,
} from '../../../test/support/sample-events.js';
import { SyntheticLoad } from '../../../test/support/synthetic-load.js';
import { keyframeOf, messagesOf, recorded } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import { CsvExporter } from './csv-exporter.js';

const csvOf = async (file: MadeFile) => (await exportOf([file], new CsvExporter())).toString();

/** Rows by column, empty cells left out. */
function rows(csv: string): Record<string, string>[] {
  const [header = [], ...lines] = csv
    .split('\r\n')
    .slice(0, -1)
    .map((text) => text.split(','));
  return lines.map((cells) => {
    expect(cells).toHaveLength(header.length);
    return Object.fromEntries(cells.map((cell, index) => [header[index], cell]).filter(([, cell]) => cell !== ''));
  });
}

const rowsOf = async (events: readonly OomscopeEvent[]) => rows(await csvOf({ messages: recorded(events) }));

test('what the kernel read at a kill is a row a cgroup; unknown amounts are empty, and no limit is "max"', async () => {
  const cgroup = sampleCgroup({ id: 7, path: '/b', usageBytes: null, maxBytes: 'max', highBytes: 0 });
  const events = [
    sampleSession({ anchorBootUs: 1_000_000_000, anchorEpochUs: 1_700_000_000_000_001 }),
    sampleEpisode({
      episodeUs: 1_000_000_500,
      limitCgroup: sampleCgroup({ id: 1, path: '/a', usageBytes: 4096, maxBytes: 4096, swapBytes: 0 }),
      limitAncestors: [],
      victimCgroup: cgroup,
      triggerCgroup: cgroup,
    }),
  ];
  const where = { time: '2023-11-14T22:13:20.000501Z', t_us: '1000000500', source: 'episode' };
  const none = { high_bytes: 'max', swap_max_bytes: 'max', swap_bytes: '0' };
  expect(await rowsOf(events)).toEqual([
    { ...where, cgroup_id: '1', cgroup: '/a', usage_bytes: '4096', max_bytes: '4096', ...none },
    { ...where, cgroup_id: '7', cgroup: '/b', max_bytes: 'max', ...none, high_bytes: '0' },
  ]);
});

test('all that was read of a cgroup at one moment is one row, and the node is a row of its own', async () => {
  const tUs = 1_000_500_000;
  const events = [
    sampleSession(),
    sampleCgroupLife({ tUs: 1_000_000_000, id: 5, path: '/pods/a' }),
    sampleMemorySample({ tUs, cgroups: [sampleCgroupSample({ id: 5, usageBytes: 1 }), sampleCgroupSample({ id: 6 })] }),
    sampleMemoryStat({ tUs, cgroups: [sampleCgroupStat({ id: 5, anonBytes: 2, kernelBytes: null })] }),
    samplePressure({
      tUs,
      node: { spanUs: 10, someUs: 4, fullUs: 3 },
      cgroups: [sampleCgroupPressure({ id: 5, spanUs: 9, someUs: 8, stallUs: 7 })],
    }),
    sampleNode({ tUs, memFreeBytes: 11 }),
    sampleMemorySample({ tUs: tUs + 1, kind: 'delta', cgroups: [sampleCgroupSample({ id: 5, usageBytes: 12 })] }),
  ];
  const [first, second, node, later, ...more] = await rowsOf(events);
  expect(more).toEqual([]);
  expect(first).toMatchObject({
    ...{ cgroup_id: '5', cgroup: '/pods/a', source: 'sampled', usage_bytes: '1', anon_bytes: '2' },
    ...{ pressure_span_us: '9', psi_some_us: '8', stall_us: '7' },
  });
  expect(first).not.toHaveProperty('kernel_bytes');
  expect(second).toMatchObject({ cgroup_id: '6', t_us: String(tUs) });
  expect(second).not.toHaveProperty('cgroup');
  expect(node).toMatchObject({ source: 'node', mem_free_bytes: '11', psi_some_us: '4', psi_full_us: '3' });
  expect(node).not.toHaveProperty('cgroup_id');
  expect(later).toMatchObject({ t_us: String(tUs + 1), cgroup_id: '5', usage_bytes: '12' });
  expect(later).not.toHaveProperty('anon_bytes');
});

test('each reading of a busy node is there once', async () => {
  const load = new SyntheticLoad({ cgroups: 20, hot: 3 });
  const events = [...load.begin(), ...Array.from({ length: 250 }, () => load.next()).flat()];
  const sampled = (await rowsOf(events)).filter(({ source }) => source === 'sampled');
  const keys = sampled.map(({ t_us, cgroup_id }) => `${t_us} ${cgroup_id}`);
  expect(new Set(keys).size).toBe(keys.length);
  const readings = events.flatMap((event) => (event.topic === '/memory/sample' ? event.cgroups : []));
  expect(sampled.filter((row) => 'usage_bytes' in row).map((row) => Number(row['usage_bytes']))).toEqual(
    readings.map(({ usageBytes }) => usageBytes),
  );
  const times = sampled.map((row) => Number(row['t_us']));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('names from outside stay one cell, and no control character comes through', async () => {
  const path = '/kube"pods,\u202e/a\n';
  const events = [
    sampleSession(),
    sampleCgroupLife({ tUs: 1_000_000_000, id: 5, path }),
    sampleMemorySample({ tUs: 1_000_000_001, cgroups: [sampleCgroupSample({ id: 5 })] }),
  ];
  const csv = await csvOf({ messages: recorded(events) });
  expect(csv).toContain(',5,"/kube""pods,\\u{202e}/a\\x0a",sampled,');
});

test('of a file that begins in the middle, the state gives clock and names', async () => {
  const state = [sampleSession({ tUs: 1 }), sampleCgroupLife({ tUs: 2, id: 5, path: '/pods/a' })];
  const sample = sampleMemorySample({ tUs: 2000, cgroups: [sampleCgroupSample({ id: 5 })] });
  const [row] = rows(await csvOf({ messages: [keyframeOf(state, 10, 5), ...messagesOf([sample], 5)] }));
  expect(row).toMatchObject({ cgroup: '/pods/a', time: expect.stringMatching(/^20\d\d-/) as string });
});
