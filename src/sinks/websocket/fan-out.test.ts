import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { FakeSocket } from '../../../test/support/fake-socket.js';
import { sampleCandidate, sampleEpisode } from '../../../test/support/sample-events.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { retainedEvents } from '../../model/retained.js';
import { FlightRecorder } from '../flight-recorder.js';
import { FanOut } from './fan-out.js';

const action = fc.oneof(
  fc.constantFrom('kill', 'loss', 'session', 'memory', 'connect', 'connect-slow', 'drain', 'tick'),
  fc.nat(9),
);

it('whenever a client comes, past and present meet without a hole and without a double', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const fanOut = new FanOut(new FlightRecorder());
      const stream = new EventStream();
      const sockets: FakeSocket[] = [];
      let model = initialModel;
      const write = (events: OomscopeEvent[]) => {
        if (events.length === 0) return;
        model = applyEvents(model, events);
        fanOut.write(events, model);
      };
      for (const step of actions) {
        if (typeof step === 'number') write(stream.step(step));
        else if (step === 'kill') write(stream.kill());
        else if (step === 'loss') write(stream.loss(1));
        else if (step === 'session') write(stream.session('node-3'));
        else if (step === 'memory') write(stream.memory());
        else if (step === 'tick') fanOut.flush();
        else if (step === 'drain') for (const socket of sockets) socket.drain(1);
        else {
          const socket = new FakeSocket({ slow: step === 'connect-slow' });
          sockets.push(socket);
          fanOut.add(socket);
        }
      }
      fanOut.flush();
      for (const socket of sockets) {
        while (socket.bufferedAmount > 0) socket.drain();
        const seen = applyEvents(initialModel, socket.events);
        expect(seen.session).toStrictEqual(model.session);
        expect(seen.incidents).toStrictEqual(model.incidents);
        expect(seen.lost).toStrictEqual(model.lost);
        expect(seen.memory).toStrictEqual(model.memory);
        expect(socket.received.filter((item) => item.kind === 'history-complete')).toHaveLength(1);
      }
    }),
    { numRuns: 500 },
  );
});

it('a kill is sent at once, other things with the next tick', async () => {
  const fanOut = new FanOut(new FlightRecorder());
  const stream = new EventStream();
  const socket = new FakeSocket({ slow: false });
  fanOut.add(socket);
  const session = stream.session('node-1');
  fanOut.write(session, applyEvents(initialModel, session));
  expect(socket.events).toHaveLength(0);
  const kill = stream.kill();
  fanOut.write(kill, applyEvents(initialModel, [...session, ...kill]));
  expect(socket.events).toEqual([...session, ...kill]);

  const loss = stream.loss(1);
  fanOut.write(loss, applyEvents(initialModel, loss));
  expect(socket.events).toHaveLength(3);
  await expect.poll(() => socket.events.length).toBe(4);
});

it('at the end every client is told', () => {
  const fanOut = new FanOut(new FlightRecorder());
  const socket = new FakeSocket({ slow: false });
  fanOut.add(socket);
  const loss = new EventStream().loss(1);
  fanOut.write(loss, applyEvents(initialModel, loss));
  fanOut.close();
  expect(socket.events).toEqual(loss);
  expect(socket.ended).toMatchObject({ code: 1001 });
});

describe('a jump in a replay', () => {
  const stream = new EventStream();
  const before = applyEvents(initialModel, [...stream.session('node-1'), ...stream.kill()]);
  const there = applyEvents(initialModel, [...stream.session('node-2'), ...stream.kill()]);

  it('gives every client the past of that moment, and nothing of what was', () => {
    const fanOut = new FanOut(new FlightRecorder());
    const [fast, slow] = [new FakeSocket({ slow: false }), new FakeSocket({ slow: true })];
    for (const socket of [fast, slow]) fanOut.add(socket);
    fanOut.write(stream.loss(1), before);
    fanOut.restart(retainedEvents(there), there);
    const after = stream.kill();
    const now = applyEvents(there, after);
    fanOut.write(after, now);
    while (slow.bufferedAmount > 0) slow.drain();
    for (const socket of [fast, slow]) {
      const restart = socket.received.findLastIndex((item) => item.kind === 'restart');
      const kinds = socket.received.slice(restart).map((item) => item.kind);
      expect(kinds.filter((kind) => kind !== 'event')).toEqual(['restart', 'history-complete']);
      const events = socket.received.slice(restart).flatMap((item) => (item.kind === 'event' ? [item.event] : []));
      expect(applyEvents(initialModel, events)).toStrictEqual(now);
      expect(socket.ended).toBeNull();
    }
  });

  it('a hundred of them do not pile up for who reads slowly', () => {
    const fanOut = new FanOut(new FlightRecorder());
    const slow = new FakeSocket({ slow: true });
    fanOut.add(slow);
    const candidates = Array.from({ length: 2_000 }, () => sampleCandidate({ comm: 'x'.repeat(500) }));
    const large = applyEvents(initialModel, [sampleEpisode({ candidates })]);
    for (let jump = 0; jump < 100; jump++) fanOut.restart(retainedEvents(large), large);
    expect(slow.ended).toBeNull();
    fanOut.restart(retainedEvents(there), there);
    while (slow.bufferedAmount > 0) slow.drain();
    const restart = slow.received.findLastIndex((item) => item.kind === 'restart');
    const events = slow.received.slice(restart).flatMap((item) => (item.kind === 'event' ? [item.event] : []));
    expect(applyEvents(initialModel, events)).toStrictEqual(there);
    expect(slow.received.filter((item) => item.kind === 'restart').length).toBeLessThan(10);
  });

  it('how the replay stands is told at once, to who is there and to who comes', () => {
    const fanOut = new FanOut(new FlightRecorder());
    const early = new FakeSocket({ slow: false });
    fanOut.add(early);
    const state = { startUs: 1, endUs: 9, positionUs: 2, playing: true, speed: 1, ended: false, noKill: null };
    fanOut.tellReplay(state);
    fanOut.restart(retainedEvents(there), there);
    const late = new FakeSocket({ slow: false });
    fanOut.add(late);
    const told = { kind: 'replay', state };
    expect(early.received.filter((item) => item.kind === 'replay')).toEqual([told, told]);
    expect(late.received.at(-1)).toEqual(told);
  });
});
