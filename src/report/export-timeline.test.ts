import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { exportOf } from '../../test/support/export-of.js';
import { sampleEpisode, sampleLoss, sampleSession } from '../../test/support/sample-events.js';
import { keyframeOf, messagesOf, recorded } from '../../test/support/trace.js';
import type { OomscopeEvent } from '../events/event.js';
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
