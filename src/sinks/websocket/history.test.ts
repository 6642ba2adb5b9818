import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import type { Model } from '../../model/model.js';
import { decodeFrame, type FrameItem } from '../../wire/frame.js';
import { FlightRecorder } from '../flight-recorder.js';
import { historyFrames } from './history.js';

/** All of it happened before the last minutes. */
function recorderAt(model: Model): FlightRecorder {
  const recorder = new FlightRecorder();
  recorder.restart([], model);
  return recorder;
}

function historyOf(
  model: Model,
  limitBytes?: number,
): { items: FrameItem[]; model: Model; marker: FrameItem | undefined } {
  const items = historyFrames(recorderAt(model), model.nowUs ?? 0, limitBytes).flatMap((frame) => decodeFrame(frame));
  const events = items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
  return { items, model: applyEvents(initialModel, events), marker: items.at(-1) };
}

const arbitraryStream = fc
  .array(
    fc.oneof({ weight: 1, arbitrary: fc.constantFrom('kill', 'loss', 'session') }, { weight: 3, arbitrary: fc.nat(9) }),
    {
      maxLength: 60,
    },
  )
  .map((actions) => {
    const stream = new EventStream();
    return actions.flatMap((action): OomscopeEvent[] => {
      if (typeof action === 'number') return stream.step(action);
      if (action === 'kill') return stream.kill();
      return action === 'loss' ? stream.loss(2) : stream.session('node-2');
    });
  });

it('the past, folded, is the model again', () => {
  fc.assert(
    fc.property(arbitraryStream, (events) => {
      const model = applyEvents(initialModel, events);
      const { session, incidents, lost } = historyOf(model).model;
      expect({ session, incidents, lost }).toStrictEqual({
        session: model.session,
        incidents: model.incidents,
        lost: model.lost,
      });
    }),
  );
});

it('too long a past is cut at whole incidents, the oldest go, and the marker counts them', () => {
  const stream = new EventStream();
  const events = Array.from({ length: 10 }, () => [...stream.kill(), ...stream.step(0)]).flat();
  const model = applyEvents(initialModel, events);
  const whole = historyFrames(recorderAt(model), model.nowUs ?? 0).reduce((sum, frame) => sum + frame.length, 0);
  const cut = historyOf(model, whole / 2);
  expect(cut.model.incidents.length).toBeGreaterThan(2);
  expect(cut.model.incidents).toStrictEqual(model.incidents.slice(-cut.model.incidents.length));
  expect(cut.marker).toStrictEqual({
    kind: 'history-complete',
    incidentsLeftOut: 10 - cut.model.incidents.length,
  });
});

it('the newest incident is sent even if it alone is too long', () => {
  const stream = new EventStream();
  const model = applyEvents(initialModel, [...stream.kill(), ...stream.kill()]);
  expect(historyOf(model, 1).model.incidents).toStrictEqual(model.incidents.slice(-1));
});

it('an empty past is just the marker', () => {
  expect(historyOf(initialModel).items).toStrictEqual([{ kind: 'history-complete', incidentsLeftOut: 0 }]);
});
