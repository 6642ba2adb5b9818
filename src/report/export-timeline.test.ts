import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { exportOf } from '../../test/support/export-of.js';
import { sampleCgroup, sampleEpisode, sampleLoss, sampleSession } from '../../test/support/sample-events.js';
import { keyframeOf, messagesOf, recorded } from '../../test/support/trace.js';
import type { OomscopeEvent } from '../events/event.js';
import { csvExporter } from './csv.js';
import { ndjsonExporter } from './ndjson.js';

function sampleEvents(kills: number): OomscopeEvent[] {
  const stream = new EventStream();
  const events = stream.session('node-1');
  for (let kill = 0; kill < kills; kill++) events.push(...stream.kill(), ...stream.step(kill), ...stream.loss(kill));
  return events;
}

const lines = (bytes: Buffer) => bytes.toString().split(/\r?\n/).slice(0, -1);
const parsed = (bytes: Buffer) => lines(bytes).map((line) => JSON.parse(line) as OomscopeEvent);

describe('NDJSON', () => {
  test('holds every event once and in order, whatever states stand between them', async () => {
    const events = sampleEvents(40);
    expect(parsed(await exportOf([{ messages: recorded(events, { every: 7 }) }], ndjsonExporter()))).toEqual(events);
  });

  test('of two runs, one after the other, has the events of both', async () => {
    const [first, second] = [sampleEvents(3), sampleEvents(2)];
    const later = second.map((event) => ({ ...event, tUs: event.tUs + 3_600_000_000 }));
    const files = [
      { messages: recorded(first), meta: { runId: 'a' } },
      { messages: recorded(later), meta: { runId: 'b' } },
    ];
    expect(parsed(await exportOf(files, ndjsonExporter()))).toEqual([...first, ...later]);
  });

  test('behind a gap has the kills that only the state tells, and no loss twice', async () => {
    const session = sampleSession({ tUs: 1 });
    const missed = sampleEpisode({ episodeUs: 900, tUs: 1000 });
    const state = [session, missed, sampleLoss({ tUs: 1100, count: 7 })];
    const after = sampleLoss({ tUs: 2000 });
    const messages = [
      ...messagesOf([session, sampleLoss({ tUs: 500, count: 7 })]),
      keyframeOf(state, 1500, 9),
      ...messagesOf([after], 9),
    ];
    expect(parsed(await exportOf([{ messages }], ndjsonExporter()))).toEqual([
      session,
      sampleLoss({ tUs: 500, count: 7 }),
      missed,
      after,
    ]);
  });
});

describe('CSV', () => {
  const cgroup = sampleCgroup({
    id: 7,
    path: '/kube"pods,\u202e/a\n',
    usageBytes: null,
    maxBytes: 'max',
    highBytes: 0,
  });

  test('has one row a kill and cgroup, its time in UTC, unknown amounts empty', async () => {
    const events = [
      sampleSession({ anchorBootUs: 1_000_000_000, anchorEpochUs: 1_700_000_000_000_001 }),
      sampleEpisode({
        episodeUs: 1_000_000_500,
        limitCgroup: sampleCgroup({ id: 1, path: '/pods', usageBytes: 4096, maxBytes: 4096, swapBytes: 0 }),
        limitAncestors: [],
        victimCgroup: cgroup,
        triggerCgroup: cgroup,
      }),
    ];
    expect(lines(await exportOf([{ messages: recorded(events) }], csvExporter()))).toEqual([
      'time,t_us,cgroup_id,cgroup,source,usage_bytes,max_bytes,high_bytes,swap_bytes,swap_max_bytes',
      '2023-11-14T22:13:20.000501Z,1000000500,1,/pods,episode,4096,4096,max,0,max',
      '2023-11-14T22:13:20.000501Z,1000000500,7,"/kube""pods,\\u{202e}/a\\x0a",episode,,max,0,0,max',
    ]);
  });

  test('of a file that begins in the middle, knows the time from the state', async () => {
    const session = sampleSession({ tUs: 1 });
    const messages = [keyframeOf([session], 10, 5), ...messagesOf([sampleEpisode({ tUs: 2000, episodeUs: 1900 })], 5)];
    const rows = lines(await exportOf([{ messages }], csvExporter()));
    expect(rows[1]).toMatch(/^20\d\d-/);
  });
});
