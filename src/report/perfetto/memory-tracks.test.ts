import { expect, test } from 'vitest';
import { perfettoOf } from '../../../test/support/export-of.js';
import { TYPE } from '../../../test/support/perfetto-published.js';
import {
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleCgroupSample,
  sampleGap,
  sampleKill,
  sampleMemorySample,
  sampleNearMiss,
  sampleNode,
  samplePressure,
  sampleReclaim,
  sampleSession,
  sampleThrottle,
} from '../../../test/support/sample-events.js';
import { SyntheticLoad } from '../../../test/support/synthetic-load.js';
import { recorded } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';

const START_US = 1_000_000_000;
const begin = [sampleSession(), sampleCgroupLife({ tUs: START_US, id: 5, path: '/pods/a' })];
const perfettoOfEvents = (events: readonly OomscopeEvent[]) =>
  perfettoOf({ messages: recorded([...begin, ...events]) });
const at = (ms: number) => START_US + ms * 1000;

test('a counter has the value of each sample that brought another one', async () => {
  const sample = (ms: number, usageBytes: number) =>
    sampleMemorySample({ tUs: at(ms), cgroups: [sampleCgroupSample({ id: 5, usageBytes, maxBytes: 'max' })] });
  const trace = await perfettoOfEvents([sample(1, 100), sample(2, 100), sample(3, 0), sample(4, 100)]);
  expect(trace.on('usage of /pods/a').map(({ type, ns, counterValue }) => [type, ns, counterValue])).toEqual([
    [TYPE.counter, at(1) * 1000, 100],
    [TYPE.counter, at(3) * 1000, 0],
    [TYPE.counter, at(4) * 1000, 100],
  ]);
  // No limit is no line.
  expect(trace.descriptors.map(({ name }) => name)).not.toContain('max of /pods/a');
});

test('readings of stalls without a break are one slice with their sums; a break ends it', async () => {
  const stall = (ms: number, stallUs: number) =>
    samplePressure({
      tUs: at(ms),
      node: null,
      cgroups: [sampleCgroupPressure({ id: 5, spanUs: 100_000, someUs: null, fullUs: null, stallUs, stalls: 1 })],
    });
  const trace = await perfettoOfEvents([stall(100, 40), stall(201, 2), stall(300, 0), stall(400, 0), stall(500, 7)]);
  expect(trace.on('stalls of /pods/a').map(({ type, ns }) => [type, ns / 1000])).toEqual([
    [TYPE.begin, at(0)],
    [TYPE.end, at(201)],
    [TYPE.begin, at(400)],
    [TYPE.end, at(500)],
  ]);
  const [, end] = trace.on('stalls of /pods/a');
  expect(end?.debugAnnotations).toEqual([
    { name: 'stall_us', intValue: 42 },
    { name: 'stalls', intValue: 2 },
  ]);
});

test('reclaim, kswapd and throttling are slices on tracks of their own', async () => {
  const reclaim = sampleReclaim({ tUs: at(500) });
  const throttle = sampleThrottle({ tUs: at(500) });
  const { packets, descriptors } = await perfettoOfEvents([reclaim, throttle]);
  const names = descriptors.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const kinds = ['reclaim of', 'kswapd of', 'throttling of'].filter((kind) =>
    names.some((name) => name.startsWith(kind)),
  );
  expect(kinds).toEqual(['reclaim of', ...(reclaim.kswapd === null ? [] : ['kswapd of']), 'throttling of']);
  const types = packets.flatMap(({ trackEvent }) => (trackEvent === undefined ? [] : [trackEvent.type]));
  expect(types.filter((type) => type === TYPE.begin)).toHaveLength(types.filter((type) => type === TYPE.end).length);
});

test('the node, near misses, missing samples and kills by user space are told, the last not among the kills', async () => {
  const trace = await perfettoOfEvents([
    sampleNode({ tUs: at(1), memFreeBytes: 77 }),
    sampleNearMiss({ tUs: at(2), cgroupId: 5, what: 'max-events' }),
    sampleGap({ tUs: at(300), fromUs: at(100), ticksMissed: 19 }),
    sampleKill({ tUs: at(400), step: 'sent' }),
    sampleKill({ tUs: at(401), step: 'exited' }),
  ]);
  expect(trace.on('free of the node')).toMatchObject([{ counterValue: 77 }]);
  expect(trace.on('near misses')).toMatchObject([{ name: 'max-events', type: TYPE.instant }]);
  expect(trace.on('samples missing').map(({ ns }) => ns / 1000)).toEqual([at(100), at(300)]);
  expect(trace.on('kills by user space')).toHaveLength(1);
  expect(trace.on('kills')).toEqual([]);
});

test('a busy node: times ascend on each track, and every slice ends', async () => {
  const load = new SyntheticLoad({ cgroups: 30, hot: 5 });
  const events = [...load.begin(), ...Array.from({ length: 300 }, () => load.next()).flat()];
  const trace = await perfettoOf({ messages: recorded(events, { every: 500 }) });
  const lastNs = new Map<number, number>();
  const open = new Map<number, number>();
  for (const { trackUuid, ns, type } of trace.events) {
    expect(ns).toBeGreaterThanOrEqual(lastNs.get(trackUuid) ?? 0);
    lastNs.set(trackUuid, ns);
    open.set(trackUuid, (open.get(trackUuid) ?? 0) + (type === TYPE.begin ? 1 : type === TYPE.end ? -1 : 0));
  }
  expect([...open.values()].every((depth) => depth === 0)).toBe(true);
  expect(trace.events.length).toBeGreaterThan(1_000);
});
