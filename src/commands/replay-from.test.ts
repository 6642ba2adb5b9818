import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { recorded, traceBytes, zstd } from '../../test/support/trace.js';
import type { OomscopeError } from '../base/errors.js';
import { memoryBytes } from '../trace/bytes.js';
import { Timeline } from '../trace/play/timeline.js';
import { openTrace } from '../trace/trace-file.js';
import { replayFromUs } from './replay-from.js';

/** Local time, so that the test means the same everywhere. */
const START = new Date(2026, 10, 23, 23, 50, 0, 700);
const KILL_AFTER_MS = 90_000;
const END_AFTER_MS = 1_800_000;

async function timeline(withKill = true): Promise<Timeline> {
  const stream = new EventStream();
  const [session] = stream.session('node-1');
  const kill = stream.kill().map((event) => ({ ...event, tUs: KILL_AFTER_MS * 1000 }));
  const [loss] = stream.loss(1);
  if (session === undefined || loss === undefined) throw new Error('no event');
  const events = [{ ...session, tUs: 0 }, ...(withKill ? kill : []), { ...loss, tUs: END_AFTER_MS * 1000 }];
  const bytes = traceBytes([recorded(events)], { bootEpochUs: START.getTime() * 1000 });
  return Timeline.of([await openTrace(memoryBytes('a.mcap', bytes), { unpack: zstd.unpack })]);
}

/** ms after the start. */
async function from(text: string): Promise<number> {
  return (await replayFromUs(text, await timeline())) / 1000 - START.getTime();
}

describe('--from', () => {
  test.each([
    ['+90s', 90_000],
    ['+1m30s', 90_000],
    ['+0.5s', 500],
    ['+250ms', 250],
    ['+0s', 0],
  ])('%s counts from the start', async (text, ms) => {
    expect(await from(text)).toBe(ms);
  });

  test.each([
    ['23:51:00', 59_300],
    ['23:50:00', 0],
    ['23:50', 0],
    ['00:10', 1_199_300],
    ['0:10:00.5', 1_199_800],
  ])('%s is the first such time of day that is not over before the start', async (text, ms) => {
    expect(await from(text)).toBe(ms);
  });

  test('a date and time is that moment, in the zone that it names', async () => {
    const moment = new Date(START.getTime() + 60_000);
    expect(await from(moment.toISOString())).toBe(60_000);
    expect(await from('2026-11-23 23:51')).toBe(59_300);
  });

  test('next-kill is just before the first kill, so that it is played', async () => {
    expect(await from('next-kill')).toBeCloseTo(KILL_AFTER_MS - 0.001, 2);
    await expect(replayFromUs('next-kill', await timeline(false))).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test.each(['soon', '+', '90s', '+90', '25:99:99:1', '2020-01-01', '+3h'])('%s is refused', async (text) => {
    const error = await from(text).then(
      () => null,
      (reason: OomscopeError) => reason,
    );
    expect(error).toMatchObject({ code: 'E_USAGE', exitCode: 2 });
  });
});
