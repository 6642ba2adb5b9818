import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARBITRARY_EVENT, arbitraryEpisode, arbitraryEvent } from '../../test/support/arbitrary-event.js';
import { OomscopeError } from '../base/errors.js';
import type { OomscopeEvent, Topic } from '../events/event.js';
import { decodeEvent, type EncodedEvent, encodeEvent } from './codec.js';
import { oomscope } from './proto.js';
import { TOPIC_ID } from './topics.js';

const topics = Object.keys(ARBITRARY_EVENT) as Topic[];

/** Decodes, and lets nothing through but an event or our own refusal. */
function decodeOrRefuse(encoded: EncodedEvent): OomscopeEvent | OomscopeError {
  try {
    return decodeEvent(encoded);
  } catch (error) {
    if (error instanceof OomscopeError && error.code === 'E_BAD_MESSAGE') return error;
    throw error;
  }
}

function expectRefused(encoded: EncodedEvent, words: RegExp): void {
  expect(() => decodeEvent(encoded)).toThrow(words);
  expect(decodeOrRefuse(encoded)).toBeInstanceOf(OomscopeError);
}

describe.each(topics)('%s', (topic) => {
  test('an event comes back from the wire as it went in', () => {
    fc.assert(
      fc.property(ARBITRARY_EVENT[topic] as fc.Arbitrary<OomscopeEvent>, (event) => {
        expect(decodeEvent(encodeEvent(event))).toStrictEqual(event);
      }),
      { numRuns: 300 },
    );
  });

  test('random bytes are an event or a refusal, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        decodeOrRefuse({ topicId: TOPIC_ID[topic], tUs: 1, payload });
      }),
      { numRuns: 500 },
    );
  });
});

test('an event with bytes changed, cut off or added is an event or a refusal, never a crash', () => {
  const damage = fc.record({ at: fc.nat(), byte: fc.nat(255), cutTo: fc.nat(), tail: fc.uint8Array({ maxLength: 8 }) });
  fc.assert(
    fc.property(arbitraryEvent, damage, (event, { at, byte, cutTo, tail }) => {
      const encoded = encodeEvent(event);
      const changed = Uint8Array.from(encoded.payload);
      if (changed.length > 0) changed[at % changed.length] = byte;
      decodeOrRefuse({ ...encoded, payload: changed });
      decodeOrRefuse({ ...encoded, payload: encoded.payload.subarray(0, cutTo % (encoded.payload.length + 1)) });
      decodeOrRefuse({ ...encoded, payload: Uint8Array.from([...encoded.payload, ...tail]) });
    }),
    { numRuns: 1000 },
  );
});

test('a topic nobody knows is refused', () => {
  expectRefused({ topicId: 99, tUs: 0, payload: new Uint8Array() }, /topic 99 is unknown/);
});

test('an enum value nobody knows is refused, not replaced', () => {
  const payload = oomscope.v1.Loss.encode({ where: 77 as oomscope.v1.LossPlace, count: 1, meaning: '' }).finish();
  expectRefused({ topicId: TOPIC_ID['/loss'], tUs: 0, payload }, /loss place 77 is unknown/);
});

test('a number that JavaScript would round is refused', () => {
  const where = oomscope.v1.LossPlace.LOSS_PLACE_RING_BULK;
  const payload = oomscope.v1.Loss.encode({ where, count: 2 ** 53, meaning: '' }).finish();
  expectRefused({ topicId: TOPIC_ID['/loss'], tUs: 0, payload }, /not an integer below 2\^53/);
});

test('a ballot whose columns differ in length is refused', () => {
  const [event] = fc.sample(
    arbitraryEpisode.filter((episode) => episode.candidates.length > 1),
    1,
  );
  if (event === undefined) throw new Error('no sample');
  const wire = oomscope.v1.Episode.decode(encodeEvent(event).payload);
  wire.candidates?.adj?.pop();
  const payload = oomscope.v1.Episode.encode(wire).finish();
  expectRefused({ topicId: TOPIC_ID['/oom/episode'], tUs: 0, payload }, /column adj has/);
});

test('a null that points at no row is refused', () => {
  const payload = oomscope.v1.Episode.encode({
    attachMode: oomscope.v1.AttachMode.ATTACH_MODE_FENTRY,
    outcome: oomscope.v1.EpisodeOutcome.EPISODE_OUTCOME_KILLED,
    candidates: { withoutPoints: [0] },
  }).finish();
  expectRefused({ topicId: TOPIC_ID['/oom/episode'], tUs: 0, payload }, /row 0 is beyond/);
});

test('a limit of zero, no limit, and an unknown limit stay three different things', () => {
  const [event] = fc.sample(arbitraryEpisode, 1);
  const [cgroup] = fc.sample(
    arbitraryEpisode.map((e) => e.limitCgroup).filter((c) => c !== null),
    1,
  );
  if (event === undefined || !cgroup) throw new Error('no sample');
  const limitCgroup = { ...cgroup, maxBytes: 0, highBytes: 'max' as const, swapMaxBytes: null };
  expect(decodeEvent(encodeEvent({ ...event, limitCgroup }))).toMatchObject({
    limitCgroup: { maxBytes: 0, highBytes: 'max', swapMaxBytes: null },
  });
});

describe('numbers of 64 bits', () => {
  const MAX = Number.MAX_SAFE_INTEGER;

  test('are exact up to 2^53 − 1, those with a sign as well', () => {
    for (const count of [0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 49, MAX]) {
      const loss = oomscope.v1.Loss.encode({ where: 1, count, meaning: '' }).finish();
      expect(oomscope.v1.Loss.decode(loss).count).toBe(count);
      for (const points of [count, -count]) {
        const choice = oomscope.v1.OomChoice.encode({ points }).finish();
        expect(oomscope.v1.OomChoice.decode(choice).points).toBe(points === 0 ? 0 : points);
      }
    }
  });

  test('that do not end are refused', () => {
    // Field 2, a varint.
    const tag = 16;
    for (const length of [1, 9, 10, 11]) {
      const payload = Uint8Array.from([tag, ...Array.from({ length }, () => 0xff)]);
      expect(() => oomscope.v1.Loss.decode(payload)).toThrow(RangeError);
    }
  });
});
