import { describe, expect, test } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { sampleKill } from '../../../test/support/sample-events.js';
import { inChunks, recorded, sampleMeta, traceBytes, zstd } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { KillEvent } from '../../events/kill.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import { memoryBytes } from '../bytes.js';
import { openTrace, type TraceFile } from '../trace-file.js';
import { Player, type PlayerClock } from './player.js';
import { Timeline } from './timeline.js';

const EPOCH_US = sampleMeta().bootEpochUs;

function someEvents(kills = 60, hostname = 'node-1'): OomscopeEvent[] {
  const stream = new EventStream();
  const events = [...stream.session(hostname)];
  for (let kill = 0; kill < kills; kill++) {
    events.push(...stream.kill(), ...stream.step(kill), ...(kill % 7 === 0 ? stream.loss(kill + 1) : []));
  }
  return events;
}

function open(bytes: Uint8Array, name = 'a.mcap'): Promise<TraceFile> {
  return openTrace(memoryBytes(name, bytes), { unpack: zstd.unpack });
}

/** A clock that stands still until it is told to go on; naps of zero are over at once. */
class TestClock implements PlayerClock {
  #nowMs = 0;
  #timers: { atMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    if (delayMs === 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    while (this.#nowMs < endMs) {
      this.#nowMs = Math.min(endMs, this.#nowMs + 10);
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#timers = this.#timers.filter((timer) => !due.includes(timer));
      for (const { callback } of due) callback();
      await settled();
    }
  }
}

/** Lets all work that is ready be done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A player with what it has told so far. */
class Watched {
  readonly clock = new TestClock();
  readonly player: Player;
  readonly problems: string[] = [];
  told: OomscopeEvent[] = [];
  restarts = 0;

  constructor(timeline: Timeline) {
    this.player = new Player(timeline, this.clock, {
      emit: (events) => this.told.push(...events),
      restart: (state) => {
        this.restarts++;
        this.told = [...state];
      },
      onProblem: (problem) => this.problems.push(problem.code),
    });
  }

  get model(): Model {
    return applyEvents(initialModel, this.told);
  }

  async toEnd(): Promise<void> {
    this.player.setSpeed(Number.POSITIVE_INFINITY);
    this.player.play();
    while (!this.player.state.ended) await settled();
  }
}

function modelAt(events: readonly OomscopeEvent[], tUs: number): Model {
  return applyEvents(
    initialModel,
    events.filter((event) => event.tUs <= tUs),
  );
}

async function watch(...files: (readonly [readonly OomscopeEvent[], number] | Uint8Array)[]): Promise<Watched> {
  const traces = files.map((file, index) =>
    open(file instanceof Uint8Array ? file : traceBytes(inChunks(recorded(file[0]), file[1])), `${index}.mcap`),
  );
  return new Watched(Timeline.of(await Promise.all(traces)));
}

describe('playing', () => {
  test('from start to end tells every event as it was recorded, once', async () => {
    const events = someEvents();
    const watched = await watch([events, 9]);
    await watched.toEnd();
    expect(watched.told).toStrictEqual(events);
    expect(watched.restarts).toBe(0);
    await watched.player.close();
  });

  test('takes as long as it took, and half of it at twice the speed', async () => {
    const start = 1_000_000_000;
    const events = someEvents(1).map((event, index) => ({ ...event, tUs: start + index * 1_000_000 }));
    const watched = await watch([events, 2]);
    watched.player.play();
    await watched.clock.advance(1500);
    expect(watched.told).toHaveLength(2);
    watched.player.setSpeed(2);
    await watched.clock.advance(600);
    expect(watched.told).toHaveLength(3);
    expect(watched.player.state.positionUs).toBeCloseTo(EPOCH_US + start + 2_700_000, -3);
    await watched.player.close();
  });

  test('a pause holds the position, and play goes on from there', async () => {
    const events = someEvents(1).map((event, index) => ({ ...event, tUs: 1_000_000 + index * 1_000_000 }));
    const watched = await watch([events, 2]);
    watched.player.play();
    await watched.clock.advance(1500);
    watched.player.pause();
    await watched.clock.advance(60_000);
    expect(watched.told).toHaveLength(2);
    watched.player.play();
    await watched.clock.advance(600);
    expect(watched.told).toHaveLength(3);
    await watched.player.close();
  });
});

describe('seeking', () => {
  test('gives the state as if all before had been watched, wherever it goes', async () => {
    const events = someEvents(200);
    const watched = await watch([events, 11]);
    for (let n = 0; n < 40; n++) {
      const event = events[(n * 9973) % events.length];
      if (event === undefined) throw new Error('no event');
      const tUs = event.tUs + (n % 3) - 1;
      await watched.player.seek(EPOCH_US + tUs);
      expect(watched.model).toStrictEqual(modelAt(events, tUs));
    }
    await watched.player.close();
  });

  test('and playing on from there comes to the same end', async () => {
    const events = someEvents();
    const watched = await watch([events, 11]);
    await watched.player.seek(EPOCH_US + (events[100]?.tUs ?? 0));
    expect(watched.restarts).toBe(1);
    await watched.toEnd();
    expect(watched.model).toStrictEqual(applyEvents(initialModel, events));
    expect(watched.restarts).toBe(1);
    await watched.player.close();
  });

  test('to the next and the previous kill stops at each of them', async () => {
    const events = someEvents(5);
    const kills = events.filter(({ topic }) => topic === '/oom/episode').map(({ tUs }) => EPOCH_US + tUs);
    const watched = await watch([events, 4]);
    const stops: number[] = [];
    while (await watched.player.seekKill('next')) stops.push(watched.player.state.positionUs);
    expect(stops).toEqual(kills);
    while (await watched.player.seekKill('previous')) stops.unshift(watched.player.state.positionUs);
    expect(stops.slice(0, 4)).toEqual(kills.slice(0, 4));
    await watched.player.close();
  });

  test('and at kills by user space, once at each cgroup.kill, however many it hits', async () => {
    const [session] = someEvents(0);
    if (session === undefined) throw new Error('no session');
    const at = (ms: number, over: Partial<KillEvent> = {}) => {
      const tUs = session.tUs + ms * 1_000;
      return sampleKill({ tUs, killUs: tUs, ...over });
    };
    const one = { how: 'cgroup-kill', killedCgroup: { id: 41, path: '/batch' } } as const;
    const events = [
      ...[session, at(10), at(11, { step: 'delivered' }), at(12, { step: 'exited' })],
      ...[at(30, one), at(31, one), at(32, one), at(40), at(2_000, one)],
    ];
    const watched = await watch([events, 4]);
    const stops: number[] = [];
    while (await watched.player.seekKill('next')) stops.push(watched.player.state.positionUs);
    expect(stops.map((us) => Math.round((us - EPOCH_US - session.tUs) / 1_000))).toEqual([10, 30, 40, 2_000]);
    await watched.player.close();
  });

  test('the last of many seeks wins', async () => {
    const events = someEvents();
    const watched = await watch([events, 11]);
    const last = events[120]?.tUs ?? 0;
    const seeks = [10, 50, 90].map((index) => watched.player.seek(EPOCH_US + (events[index]?.tUs ?? 0)));
    await Promise.all([...seeks, watched.player.seek(EPOCH_US + last)]);
    expect(watched.player.state.positionUs).toBe(EPOCH_US + last);
    expect(watched.model).toStrictEqual(modelAt(events, last));
    await watched.player.close();
  });

  test('a keyframe of which a part is missing is passed over for the one before it', async () => {
    const events = someEvents();
    const chunks = recorded(events, { every: 20, parts: 4 });
    const lastKeyframe = chunks.findLastIndex(({ topicId }) => topicId === 126);
    const bytes = traceBytes(inChunks(chunks.toSpliced(lastKeyframe, 1), 9));
    const watched = await watch(bytes);
    const tUs = events.at(-1)?.tUs ?? 0;
    await watched.player.seek(EPOCH_US + tUs);
    expect(watched.model).toStrictEqual(applyEvents(initialModel, events));
    await watched.player.close();
  });
});

describe('several files', () => {
  const events = someEvents(100);
  const middle = 150;
  const before = applyEvents(initialModel, events.slice(0, middle));
  const first = traceBytes(inChunks(recorded(events.slice(0, middle)), 9));
  const second = traceBytes(inChunks(recorded(events.slice(middle), { first: middle + 1, before }), 9));

  test('of one run play as one, whatever the order they are given in', async () => {
    const watched = await watch(second, first);
    await watched.toEnd();
    expect(watched.told).toStrictEqual(events);
    await watched.player.close();
  });

  test('that overlap tell nothing twice', async () => {
    const from = 120;
    const state = applyEvents(initialModel, events.slice(0, from));
    const overlapping = traceBytes(inChunks(recorded(events.slice(from), { first: from + 1, before: state }), 9));
    const inside = traceBytes(inChunks(recorded(events.slice(20, 40), { first: 21, before: modelOf(20) }), 9));
    const watched = await watch(first, overlapping, inside);
    await watched.toEnd();
    expect(watched.told).toStrictEqual(events);
    for (const index of [10, 30, 125, 149, 150, 160, 299]) {
      const tUs = events[index]?.tUs ?? 0;
      await watched.player.seek(EPOCH_US + tUs);
      expect(watched.model).toStrictEqual(modelAt(events, tUs));
    }
    await watched.player.close();
  });

  test('with a gap between them go on from the state that the later one has', async () => {
    const watched = await watch(traceBytes(inChunks(recorded(events.slice(0, 100)), 9)), second);
    await watched.toEnd();
    expect(watched.restarts).toBe(1);
    expect(watched.model).toStrictEqual(applyEvents(initialModel, events));
    await watched.player.close();
  });

  test('of a second run on the same boot add to what the first had', async () => {
    const later = someEvents(20).map((event) => shifted(event, 50_000_000));
    const secondRun = traceBytes(inChunks(recorded(later), 9), { runId: 'run-2' });
    const all = [...events, ...later];
    const watched = await watch(traceBytes(inChunks(recorded(events), 9)), secondRun);
    await watched.toEnd();
    expect(watched.told).toStrictEqual(all);
    const tUs = later[30]?.tUs ?? 0;
    await watched.player.seek(EPOCH_US + tUs);
    expect(watched.model).toStrictEqual(modelAt(all, tUs));
    await watched.player.close();
  });

  test('of two boots begin anew at the second', async () => {
    const meta = { bootId: 'other-boot', bootEpochUs: EPOCH_US + 9_000_000_000 };
    const afterReboot = someEvents(3);
    const watched = await watch(first, traceBytes(inChunks(recorded(afterReboot), 9), meta));
    await watched.toEnd();
    expect(watched.restarts).toBe(1);
    expect(watched.told).toStrictEqual(afterReboot);
    await watched.player.close();
  });

  test('of two nodes are refused', async () => {
    const other = traceBytes([recorded(events)], { hostname: 'node-2' });
    await expect(watch(first, other)).rejects.toMatchObject({ code: 'E_TRACE_MIXED' });
  });

  function modelOf(count: number): Model {
    return applyEvents(initialModel, events.slice(0, count));
  }
});

function shifted(event: OomscopeEvent, byUs: number): OomscopeEvent {
  const tUs = event.tUs + byUs;
  if (event.topic === '/oom/episode') return { ...event, tUs, episodeUs: event.episodeUs + byUs };
  if (event.topic !== '/oom/victim') return { ...event, tUs };
  return { ...event, tUs, episodeUs: event.episodeUs === null ? null : event.episodeUs + byUs };
}

describe('a damaged chunk', () => {
  test('is told as a loss with its byte, and the state comes back with the next keyframe', async () => {
    const events = someEvents();
    const bytes = traceBytes(inChunks(recorded(events, { every: 20 }), 9));
    const chunk = (await open(bytes)).chunks[5];
    if (chunk === undefined) throw new Error('no chunk');
    const at = chunk.atByte + 80;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const watched = await watch(bytes);
    await watched.toEnd();
    expect(watched.problems).toEqual(['E_TRACE_DAMAGED']);
    expect(watched.restarts).toBe(1);
    expect(watched.model.incidents).toStrictEqual(applyEvents(initialModel, events).incidents);
    await watched.player.close();
  });
});

test('a trace without any event ends as soon as it is played', async () => {
  const watched = await watch(traceBytes([]));
  await watched.toEnd();
  expect(watched.told).toEqual([]);
  await watched.player.close();
});
