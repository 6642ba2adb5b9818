import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { FakeSocket } from '../../test/support/fake-socket.js';
import { SyntheticLoad } from '../../test/support/synthetic-load.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from '../model/fold.js';
import type { Model } from '../model/model.js';
import { decodeEvent } from '../wire/codec.js';
import { FlightRecorder, stateOf } from './flight-recorder.js';
import { EventNumbers } from './recorder/numbered-events.js';
import { FanOut } from './websocket/fan-out.js';

/** What a reader of the flight comes to. */
function refolded(recorder: FlightRecorder, maxBytes?: number): Model {
  const flight = recorder.flight(maxBytes);
  const state = stateOf(flight, recorder.numbers).map(decodeEvent);
  return applyEvents(
    applyEvents(initialModel, state),
    flight.items.map(({ message }) => decodeEvent(message)),
  );
}

const spread = (events: readonly OomscopeEvent[], fromUs: number): OomscopeEvent[] =>
  events.map((event, index) => ({ ...event, tUs: fromUs + index }));

describe('the flight recorder', () => {
  test('keeps within its bytes and its age, and begins with the state before what it has', () => {
    const limits = { ageUs: 20_000_000, bytes: 60_000 };
    const recorder = new FlightRecorder(new EventNumbers(), limits);
    const stream = new EventStream();
    let model: Model = initialModel;
    for (let second = 0; second < 300; second++) {
      const batch = spread([...stream.kill(), ...stream.memory()], second * 1_000_000);
      model = applyEvents(model, batch);
      recorder.take(batch, model);
      expect(recorder.bytes).toBeLessThanOrEqual(limits.bytes);
    }
    const { items } = recorder.flight();
    expect(items.length).toBeGreaterThan(20);
    expect(items[0]?.message.tUs).toBeGreaterThanOrEqual(300_000_000 - 27_000_000);
    expect(refolded(recorder)).toStrictEqual(model);
    expect(refolded(recorder, 10_000)).toStrictEqual(model);
    expect(recorder.flight(10_000).items.length).toBeLessThan(items.length);
  });

  test('gives the present, whatever came and however little it may keep', () => {
    const step = fc.constantFrom('kill', 'step', 'loss', 'memory', 'memory', 'memory', 'session');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 50_000 }), (steps, bytes) => {
        const recorder = new FlightRecorder(new EventNumbers(), { bytes, ageUs: 1_000 });
        const stream = new EventStream();
        let model: Model = initialModel;
        for (const name of steps) {
          const batch =
            name === 'loss'
              ? stream.loss(1)
              : name === 'session'
                ? stream.session('n')
                : name === 'step'
                  ? stream.step(0)
                  : stream[name]();
          if (batch.length === 0) continue;
          model = applyEvents(model, batch);
          recorder.take(batch, model);
          // Whoever shares it gives it the same batch again.
          recorder.take(batch, model);
        }
        expect(refolded(recorder)).toStrictEqual(model);
      }),
    );
  });

  test('after a jump has what led to the new moment, and nothing of the old one', () => {
    const recorder = new FlightRecorder(new EventNumbers(), { ageUs: 20_000_000 });
    const events = new EventStream().kill();
    recorder.take(events, applyEvents(initialModel, events));
    const stream = new EventStream();
    // More than is kept, and more than one slice.
    const state = Array.from({ length: 1_200 }, (_, n) => spread(stream.memory(), n * 100_000)).flat();
    const there = applyEvents(initialModel, state);
    recorder.restart(state, there);
    expect(refolded(recorder)).toStrictEqual(there);
    const times = recorder.flight().items.map(({ message }) => message.tUs);
    expect(times.at(-1)).toBe(state.at(-1)?.tUs);
    expect(times[0]).toBeGreaterThan(60_000_000);
    recorder.restart([], there);
    expect(recorder.flight().items).toEqual([]);
    expect(refolded(recorder)).toStrictEqual(there);
  });
});

/** What this process holds, once all garbage is gone. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Number.POSITIVE_INFINITY;
  // Buffers and weak maps let go in steps: until nothing more comes back.
  for (let still = 0; still < 3; ) {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = heapUsed + arrayBuffers;
    still = bytes < least - 64 * 1024 ? 0 : still + 1;
    least = Math.min(least, bytes);
  }
  return least;
}

describe('ten minutes at 100 samples a second', { timeout: 180_000 }, () => {
  const TICKS = 10 * 60 * 100;
  const BOUND_BYTES = 8 * 1024 * 1024;

  test('stay within the bound, in what is counted and in what the process holds', () => {
    const load = new SyntheticLoad({ cgroups: 500, hot: 20 });
    const recorder = new FlightRecorder(new EventNumbers(), { bytes: BOUND_BYTES });
    let model: Model = applyEvents(initialModel, load.begin());
    recorder.restart([], model);
    let highest = 0;
    let events = 0;
    for (let tick = 0; tick < TICKS; tick++) {
      const batch = load.next();
      model = applyEvents(model, batch);
      recorder.take(batch, model);
      highest = Math.max(highest, recorder.bytes);
      events += batch.length;
    }
    expect(refolded(recorder)).toStrictEqual(model);
    const full = heldBytes();
    recorder.restart([], model);
    // What it gives back is what it took.
    const held = full - heldBytes();
    const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
    console.log(
      `${events} events; bound ${mib(BOUND_BYTES)} MiB, counted at most ${mib(highest)} MiB, held ${mib(held)} MiB`,
    );
    expect(highest).toBeLessThanOrEqual(BOUND_BYTES);
    expect(highest).toBeGreaterThan(BOUND_BYTES / 2);
    expect(held).toBeGreaterThan(BOUND_BYTES / 2);
    expect(held).toBeLessThan(BOUND_BYTES * 1.2);
  });
});

test('a late client gets the past and then the present: each event once, in order, with none left out', () => {
  const load = new SyntheticLoad({ cgroups: 60, hot: 20 });
  const recorder = new FlightRecorder(new EventNumbers(), { bytes: 2 * 1024 * 1024 });
  const fanOut = new FanOut(recorder);
  const written: OomscopeEvent[] = [];
  let model: Model = initialModel;
  const write = (events: readonly OomscopeEvent[]) => {
    written.push(...events);
    model = applyEvents(model, events);
    fanOut.write(events, model);
  };
  const late: FakeSocket[] = [];
  write(load.begin());
  for (let tick = 1; tick <= 1_500; tick++) {
    write(load.next());
    // Some come in the middle of what is not flushed yet, some read slowly.
    if (tick % 311 === 0) {
      const socket = new FakeSocket({ slow: tick % 2 === 0 });
      late.push(socket);
      fanOut.add(socket);
    }
    if (tick % 7 === 0) fanOut.flush();
    for (const socket of late) socket.drain(1);
  }
  fanOut.flush();
  for (const socket of late) {
    while (socket.bufferedAmount > 0) socket.drain();
    const items = socket.received;
    const timed = items.flatMap((item) =>
      item.kind === 'event' && item.event.topic === '/memory/sample' ? [item.event] : [],
    );
    const expected = written.filter((event) => event.topic === '/memory/sample');
    // The state comes first: the one sample in it says what held before, and is none of those that follow.
    const [, first] = timed;
    const from = expected.findIndex(({ tUs }) => tUs === first?.tUs);
    expect(from).toBeGreaterThan(0);
    expect(timed.slice(1)).toStrictEqual(expected.slice(from));
    expect(applyEvents(initialModel, socket.events)).toStrictEqual(model);
    expect(items.filter(({ kind }) => kind === 'history-complete')).toHaveLength(1);
  }
});
