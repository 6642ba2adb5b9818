import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryEvent } from '../../test/support/arbitrary-event.js';
import { OomscopeError } from '../base/errors.js';
import { encodeEvent } from './codec.js';
import { decodeFrame, encodeFrame, encodeHistoryComplete } from './frame.js';

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test('frames laid end to end are one frame with all their events in order', () => {
  fc.assert(
    fc.property(fc.array(arbitraryEvent, { maxLength: 6 }), (events) => {
      const frame = concat(events.map((event) => encodeFrame(encodeEvent(event))));
      expect(decodeFrame(frame)).toStrictEqual(events.map((event) => ({ kind: 'event', event })));
    }),
    { numRuns: 100 },
  );
});

test('the end of the past is told apart from events', () => {
  expect(decodeFrame(encodeHistoryComplete(12, 3))).toStrictEqual([{ kind: 'history-complete', incidentsLeftOut: 3 }]);
  expect(decodeFrame(encodeHistoryComplete(0, 0))).toStrictEqual([{ kind: 'history-complete', incidentsLeftOut: 0 }]);
});

test('a topic of a newer server is named, and the rest of the frame is read', () => {
  const frame = concat([
    encodeFrame({ topicId: 50, tUs: 1, payload: Uint8Array.of(1, 2, 3) }),
    encodeHistoryComplete(1, 0),
  ]);
  expect(decodeFrame(frame).map((item) => item.kind)).toStrictEqual(['unknown-topic', 'history-complete']);
});

test('random bytes are a frame or a refusal, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeFrame(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(OomscopeError);
      }
    }),
    { numRuns: 2000 },
  );
});
