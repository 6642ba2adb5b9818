import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryEvent } from '../../test/support/arbitrary-event.js';
import { EventStream } from '../../test/support/event-stream.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from './fold.js';
import { MAX_INCIDENTS } from './incidents.js';
import { retainedEvents } from './retained.js';

function refolded(events: readonly OomscopeEvent[]) {
  return applyEvents(initialModel, retainedEvents(applyEvents(initialModel, events)));
}

/**
 * As sources emit them: times never go backwards, an episode is emitted once. Few episodes and threads, so that the
 * same ones meet again.
 */
function asEmitted(events: readonly OomscopeEvent[]): OomscopeEvent[] {
  const episodes = new Set<number>();
  const retimed = events.map((event, index): OomscopeEvent => {
    const tUs = 1000 + index;
    if (event.topic === '/oom/episode') return { ...event, tUs, episodeUs: event.episodeUs % 8 };
    if (event.topic === '/loss') return { ...event, tUs, count: event.count % 1000 };
    if (event.topic === '/identity') return { ...event, tUs, podUid: event.podUid.slice(0, 1) };
    if (event.topic !== '/oom/victim') return { ...event, tUs };
    return { ...event, tUs, tid: event.tid & 3, episodeUs: event.episodeUs === null ? null : event.episodeUs % 8 };
  });
  return retimed.filter((event) => {
    if (event.topic !== '/oom/episode') return true;
    const isFirst = !episodes.has(event.episodeUs);
    episodes.add(event.episodeUs);
    return isFirst;
  });
}

test('folding what is retained gives the same model', () => {
  fc.assert(
    fc.property(fc.array(arbitraryEvent, { maxLength: 40 }).map(asEmitted), (events) => {
      expect(refolded(events)).toStrictEqual(applyEvents(initialModel, events));
    }),
    { numRuns: 500 },
  );
});

test('kills that overlap and were partly forgotten are retained as they are known', () => {
  const stream = new EventStream();
  const events: OomscopeEvent[] = [...stream.session('node-1')];
  for (let kill = 0; kill < MAX_INCIDENTS + 50; kill++) {
    events.push(...stream.kill(), ...stream.step(kill), ...stream.step(0), ...(kill % 100 === 0 ? stream.loss(3) : []));
  }
  const model = applyEvents(initialModel, events);
  expect(model.incidents).toHaveLength(MAX_INCIDENTS);
  expect(refolded(events)).toStrictEqual(model);
});
