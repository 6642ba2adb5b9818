import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryEvent } from '../../test/support/arbitrary-event.js';
import { OomscopeError } from '../base/errors.js';
import { encodeEvent } from './codec.js';
import { decodeKeyframePart, encodeKeyframePart, isFirstPart } from './keyframe.js';

test('a part comes back from the wire as it went in', () => {
  fc.assert(
    fc.property(fc.array(arbitraryEvent, { maxLength: 5 }), fc.nat(9), (events, part) => {
      const entries = events.map(encodeEvent);
      const decoded = decodeKeyframePart(encodeKeyframePart({ part, partCount: 10, entries }));
      expect(decoded).toMatchObject({ part, partCount: 10 });
      expect(isFirstPart(encodeKeyframePart({ part, partCount: 10, entries }))).toBe(part === 0);
      expect(decoded.entries.map(({ topicId, tUs }) => ({ topicId, tUs }))).toEqual(
        entries.map(({ topicId, tUs }) => ({ topicId, tUs })),
      );
      expect(decoded.entries.map((entry) => Buffer.from(entry.payload).toString('hex'))).toEqual(
        entries.map((entry) => Buffer.from(entry.payload).toString('hex')),
      );
    }),
  );
});

test('a part beyond the last is refused', () => {
  expect(() => decodeKeyframePart(encodeKeyframePart({ part: 2, partCount: 2, entries: [] }))).toThrow(/part 2 of 2/);
  expect(() => decodeKeyframePart(new Uint8Array())).toThrow(/part 0 of 0/);
});

test('millions of empty entries are refused before they take memory', () => {
  const payload = new Uint8Array(2_000_000);
  for (let at = 0; at < payload.length; at += 2) payload[at] = (1 << 3) | 2;
  expect(() => decodeKeyframePart(payload)).toThrow(/more than 100000 entries/);
});

test('random bytes are a part or a refusal, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
      try {
        isFirstPart(payload);
        decodeKeyframePart(payload);
      } catch (error) {
        expect(error).toBeInstanceOf(OomscopeError);
      }
    }),
    { numRuns: 1000 },
  );
});
