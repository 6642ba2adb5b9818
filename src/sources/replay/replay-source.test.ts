import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { recordTo } from '../../../test/support/record-to.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { openTimeline } from './open-timeline.js';
import { ReplaySource } from './replay-source.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oomscope-replay-'));
});
afterEach(() => rm(directory, { recursive: true }));

const stream = new EventStream();
const batches: OomscopeEvent[][] = [stream.session('node-1')];
for (let kill = 0; kill < 40; kill++) batches.push(stream.kill(), stream.step(kill), stream.loss(kill));
const events = batches.flat();

/** Everything that a replay of these files tells. */
async function replayed(paths: string[], fromUs: number | null = null): Promise<OomscopeEvent[]> {
  const told: OomscopeEvent[] = [];
  const files = await openTimeline(paths, () => {});
  const ended = withResolvers();
  const source = new ReplaySource(files, {
    fromUs,
    speed: Number.POSITIVE_INFINITY,
    onProblem: ended.reject,
    onFailure: ended.reject,
    onState: () => {},
    onEnd: ended.resolve,
    ready: () => Promise.resolve(),
  });
  await source.start(
    (some) => told.push(...some),
    (state) => told.splice(0, told.length, ...state),
  );
  await ended.promise;
  await source.stop();
  return told;
}

test('what was recorded is replayed event for event, the first one the session', async () => {
  const path = join(directory, 'kills.mcap');
  await recordTo(path, batches);
  const told = await replayed([path]);
  expect(told).toStrictEqual(events);
  expect(told[0]?.topic).toBe('/session');
});

test('a directory is replayed as one', async () => {
  await recordTo(join(directory, 'kills.mcap'), batches);
  expect(await replayed([directory])).toStrictEqual(events);
});

test('from a moment on, the state at it comes first', async () => {
  const path = join(directory, 'kills.mcap');
  await recordTo(path, batches);
  const { timeline, close } = await openTimeline([path], () => {});
  await close();
  const told = await replayed([path], (timeline.startUs + timeline.endUs) / 2);
  expect(applyEvents(initialModel, told)).toStrictEqual(applyEvents(initialModel, events));
});

test('a file that is not there, and a directory without traces, are refused by name', async () => {
  await expect(openTimeline([join(directory, 'none.mcap')], () => {})).rejects.toMatchObject({
    code: 'E_FILE_UNREADABLE',
    message: expect.stringContaining('none.mcap') as string,
  });
  await expect(openTimeline([directory], () => {})).rejects.toMatchObject({ code: 'E_FILE_UNREADABLE' });
});

/** Promise.withResolvers is not in Node 20. */
function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  return { promise, resolve, reject };
}
