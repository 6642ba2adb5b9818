import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { FakeSocket } from '../../../test/support/fake-socket.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
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

it('a jump in a replay lets every client come again, to the past as it is then', () => {
  const fanOut = new FanOut(new FlightRecorder());
  const stream = new EventStream();
  const first = new FakeSocket({ slow: false });
  fanOut.add(first);
  fanOut.write(stream.session('node-1'), applyEvents(initialModel, stream.session('node-1')));
  const there = applyEvents(initialModel, [...stream.session('node-2'), ...stream.kill()]);
  fanOut.restart(there);
  expect(first.ended).toMatchObject({ code: 1001 });
  const again = new FakeSocket({ slow: false });
  fanOut.add(again);
  expect(applyEvents(initialModel, again.events).incidents).toStrictEqual(there.incidents);
});
