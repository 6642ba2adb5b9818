import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { readTraces } from '../../../test/support/read-traces.js';
import { SyntheticLoad } from '../../../test/support/synthetic-load.js';
import { zstd } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { LossEvent } from '../../events/loss.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import { FlightRecorder } from '../flight-recorder.js';
import { IncidentFiles } from './incident-files.js';
import { EventNumbers } from './numbered-events.js';
import { type RecorderTools, Recording } from './recording.js';
import { fileDirectory, singleFile } from './trace-place.js';
import { TraceSink, type TraceTarget } from './trace-sink.js';

vi.setConfig({ testTimeout: 60_000 });

/** The disk takes its own time, which is real; expect.poll() would let the recorder's go on. */
async function soon(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}
/** The recorder's time is the test's: so a busy machine is never late. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

let directory: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  directory = await mkdtemp(join(tmpdir(), 'oomscope-recording-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

/** What the pipeline does: folds, and gives the sink both; announcements come back as events. */
class Flow {
  model: Model = initialModel;
  readonly events: OomscopeEvent[] = [];
  readonly announced: LossEvent[] = [];
  readonly tools: RecorderTools = {
    numbers: new EventNumbers(),
    pack: zstd.pack,
    runId: 'run-1',
    announce: (event) => {
      this.announced.push(event);
      this.write([event]);
    },
  };
  #sink: TraceSink | null = null;

  into(...targets: TraceTarget[]): TraceSink {
    this.#sink = new TraceSink(this.tools.numbers, targets);
    return this.#sink;
  }

  write(events: readonly OomscopeEvent[]): void {
    this.events.push(...events);
    this.model = applyEvents(this.model, events);
    this.#sink?.write(events, this.model);
  }
}

const mcapFiles = async () =>
  (await readdir(directory))
    .filter((name) => name.endsWith('.mcap'))
    .sort()
    .map((name) => join(directory, name));

describe('a recording', () => {
  test('replayed gives every event and the same model', async () => {
    const flow = new Flow();
    const path = join(directory, 'kills.mcap');
    const sink = flow.into(new Recording(flow.tools, singleFile(path)));
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    for (let kill = 0; kill < 50; kill++) flow.write([...stream.kill(), ...stream.step(kill)]);
    await sink.close();
    const read = await readTraces([path]);
    expect(read.problems).toEqual([]);
    expect(read.events).toStrictEqual(flow.events);
    expect(read.model).toStrictEqual(flow.model);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('is on the disk within a second, though it goes on', async () => {
    const flow = new Flow();
    const path = join(directory, 'kills.mcap');
    const sink = flow.into(new Recording(flow.tools, singleFile(path)));
    const stream = new EventStream();
    flow.write([...stream.session('node-1'), ...stream.kill()]);
    await pass(950);
    await soon(async () => (await readTraces([path]).catch(() => null))?.told === flow.events.length);
    const read = await readTraces([path]);
    expect(read.events).toStrictEqual(flow.events);
    expect(read.problems).toEqual(['E_TRACE_CUT_OFF']);
    await sink.close();
  });

  test('in a directory goes on in a new file when one is full, and they play as one', async () => {
    const flow = new Flow();
    const place = fileDirectory(directory, 'oomscope', Number.POSITIVE_INFINITY);
    const sink = flow.into(new Recording(flow.tools, place, { fileBytes: 25_000, chunkMs: 5 }));
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    for (let kill = 0; kill < 80; kill++) {
      flow.write([...stream.kill(), ...stream.step(kill)]);
      await pass(3);
    }
    await sink.close();
    const paths = await mcapFiles();
    expect(paths.length).toBeGreaterThan(2);
    const read = await readTraces(paths);
    expect(read.events).toStrictEqual(flow.events);
    // Each alone tells what was known by then.
    const last = await readTraces(paths.slice(-1));
    expect(last.model).toStrictEqual(flow.model);
  });

  test('in a directory keeps to its cap: the oldest files go', async () => {
    const flow = new Flow();
    const capBytes = 200_000;
    await writeFile(join(directory, 'notes.txt'), 'not ours');
    const sink = flow.into(
      new Recording(flow.tools, fileDirectory(directory, 'oomscope', capBytes), { fileBytes: 32_000, chunkMs: 2 }),
    );
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    for (let kill = 0; kill < 150; kill++) {
      flow.write(stream.kill());
      await pass(2);
    }
    await sink.close();
    await fileDirectory(directory, 'oomscope', capBytes).prune();
    const paths = await mcapFiles();
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(capBytes);
    expect(paths.length).toBeGreaterThan(1);
    expect((await readTraces(paths)).model).toStrictEqual(flow.model);
    expect(await readFile(join(directory, 'notes.txt'), 'utf8')).toBe('not ours');
  });

  test('that the disk is too slow for counts what is missing, and the state behind the gap is whole', async () => {
    const flow = new Flow();
    const path = join(directory, 'kills.mcap');
    const sink = flow.into(new Recording(flow.tools, singleFile(path), { queueBytes: 100_000, chunkMs: 20 }));
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    for (let n = 0; n < 3000; n++) flow.write(n % 50 === 0 ? stream.kill() : stream.loss(1));
    // Behind the gap there is a state as soon as the disk has caught up; it knows of the gap.
    const lostOf = (model: Model | undefined) => model?.lost.recorder ?? 0;
    await soon(async () => {
      await pass(20);
      flow.write(stream.kill());
      const lost = lostOf((await readTraces([path]).catch(() => null))?.model);
      return lost > 0 && lost === lostOf(flow.model);
    });
    await sink.close();
    const missing = flow.announced.reduce((sum, { count }) => sum + count, 0);
    expect(missing).toBeGreaterThan(0);
    expect(flow.announced[0]).toMatchObject({ topic: '/loss', where: 'recorder' });
    const read = await readTraces([path]);
    expect(read.told + missing).toBe(flow.events.length);
    expect(read.model).toStrictEqual(flow.model);
  });

  test('never takes the name of another file', async () => {
    const flow = new Flow();
    const path = join(directory, 'kills.mcap');
    await writeFile(path, 'precious');
    const sink = flow.into(new Recording(flow.tools, singleFile(path)));
    flow.write(new EventStream().session('node-1'));
    await soon(() => flow.announced.length > 0);
    expect(flow.announced[0]?.meaning).toMatch(/has stopped.*EEXIST/);
    await expect(sink.close()).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
    expect(await readFile(path, 'utf8')).toBe('precious');
    expect(await readdir(directory)).toEqual(['kills.mcap']);
  });
});

describe('an incident file', () => {
  const limits = { afterMs: 150, chunkMs: 20 };
  const place = () => fileDirectory(directory, 'incident', Number.POSITIVE_INFINITY);

  test('is written by a kill, with what came before and after it', async () => {
    const flow = new Flow();
    const sink = flow.into(new IncidentFiles(flow.tools, place(), new FlightRecorder(flow.tools.numbers), limits));
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    for (let n = 1; n < 30; n++) flow.write(stream.loss(n));
    expect(await mcapFiles()).toEqual([]);
    flow.write(stream.kill());
    await pass(80);
    flow.write(stream.step(0));
    await pass(200);
    flow.write(stream.loss(1));
    await sink.close();
    const paths = await mcapFiles();
    expect(paths).toHaveLength(1);
    const read = await readTraces(paths);
    expect(read.events).toStrictEqual(flow.events.slice(0, -1));
    expect(read.meta[0]).toMatchObject({ kind: 'incident', incidentId: flow.model.incidents[0]?.id });
  });

  test('of a past larger than what can wait for the disk has its newest part, and the kill for certain', async () => {
    const flow = new Flow();
    const recorder = new FlightRecorder(flow.tools.numbers);
    const sink = flow.into(new IncidentFiles(flow.tools, place(), recorder, { ...limits, queueBytes: 1_000_000 }));
    const load = new SyntheticLoad({ cgroups: 50, hot: 20 });
    flow.write(load.begin());
    for (let tick = 0; tick < 4_000; tick++) flow.write(load.next());
    expect(recorder.bytes).toBeGreaterThan(800_000);
    flow.write(new EventStream().kill().map((event) => ({ ...event, tUs: load.nowUs + 1 })));
    await sink.close();
    const read = await readTraces(await mcapFiles());
    expect(flow.announced).toEqual([]);
    expect(read.model).toStrictEqual(flow.model);
    const samples = (events: readonly OomscopeEvent[]) => events.filter(({ topic }) => topic === '/memory/sample');
    const kept = samples(read.events).slice(1);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept).toStrictEqual(samples(flow.events).slice(-kept.length));
  });

  test('holds the kills that come soon after as well; a later one gets its own', async () => {
    const flow = new Flow();
    const sink = flow.into(new IncidentFiles(flow.tools, place(), new FlightRecorder(flow.tools.numbers), limits));
    const stream = new EventStream();
    flow.write(stream.session('node-1'));
    flow.write(stream.kill());
    await pass(100);
    flow.write(stream.kill());
    await pass(100);
    flow.write(stream.step(0));
    await pass(250);
    flow.write(stream.kill());
    await sink.close();
    const paths = await mcapFiles();
    expect(paths).toHaveLength(2);
    const [first, second] = await Promise.all(paths.map((path) => readTraces([path])));
    expect(first?.model.incidents).toHaveLength(2);
    expect(second?.model).toStrictEqual(flow.model);
    expect((await readTraces(paths)).events).toStrictEqual(flow.events);
  });
});
