import { describe, expect, test } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { perfettoOf } from '../../../test/support/export-of.js';
import { TYPE } from '../../../test/support/perfetto-published.js';
import {
  sampleCgroup,
  sampleEpisode,
  sampleLoss,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import { keyframeOf, messagesOf, recorded } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import { isKillEvent } from '../../trace/kill-event.js';

const perfettoOfEvents = (events: readonly OomscopeEvent[]) => perfettoOf({ messages: recorded(events) });

function manyEvents(): OomscopeEvent[] {
  const stream = new EventStream();
  const events = stream.session('node-1');
  for (let kill = 0; kill < 60; kill++) {
    events.push(...stream.kill(), ...stream.step(kill), ...stream.step(kill * 7), ...stream.loss(kill));
  }
  return events;
}

describe('a Perfetto trace', () => {
  test('decodes by the published numbers, and every event stands on a track that was described before it', async () => {
    const { packets } = await perfettoOfEvents(manyEvents());
    const described = new Set<number>();
    for (const { trackDescriptor, trackEvent, trustedPacketSequenceId } of packets) {
      expect(trustedPacketSequenceId).toBe(1);
      if (trackDescriptor !== undefined) {
        expect(described).not.toContain(trackDescriptor.uuid);
        expect(trackDescriptor.parentUuid === undefined || described.has(trackDescriptor.parentUuid)).toBe(true);
        described.add(trackDescriptor.uuid);
      }
      if (trackEvent !== undefined) expect(described).toContain(trackEvent.trackUuid);
    }
    expect(described).not.toContain(0);
    expect(described.size).toBeGreaterThan(60);
  });

  test('has times that ascend on each track, and slices that end', async () => {
    // One whose end was not seen may seem to reach into the next.
    const overlapping = [200, 500].map((after) =>
      sampleEpisode({ episodeUs: 2_000_000_000 + after, tUs: 2_000_001_000 + after, durationUs: 1000 }),
    );
    const { events } = await perfettoOfEvents([...manyEvents(), ...overlapping]);
    const lastNs = new Map<number, number>();
    const open = new Map<number, number>();
    for (const { trackUuid, ns, type } of events) {
      expect(ns).toBeGreaterThanOrEqual(lastNs.get(trackUuid) ?? 0);
      lastNs.set(trackUuid, ns);
      const depth = open.get(trackUuid) ?? 0;
      if (type === TYPE.begin) open.set(trackUuid, depth + 1);
      if (type === TYPE.end) open.set(trackUuid, depth - 1);
      expect(open.get(trackUuid) ?? 0).toBeGreaterThanOrEqual(0);
    }
  });

  test('has one instant a kill, at the moment of choice', async () => {
    const events = manyEvents();
    const kills = (await perfettoOfEvents(events)).on('kills');
    const expected = events.filter(isKillEvent).map((event) => {
      if (event.topic !== '/oom/episode' || event.choice === null) throw new Error('no choice');
      return { type: TYPE.instant, ns: event.choice.choiceUs * 1000, episode: event.episodeUs };
    });
    expect(expected).toHaveLength(60);
    expect(
      kills.map(({ type, ns, debugAnnotations }) => ({
        type,
        ns,
        episode: debugAnnotations?.find(({ name }) => name === 'episode_us')?.intValue,
      })),
    ).toEqual(expected);
    expect(kills[0]?.name).toBe('hog1000 (pid 1000) was killed');
  });

  test('begins with one moment of both clocks, the boot time being the clock of all', async () => {
    const { packets } = await perfettoOfEvents([
      sampleSession({ anchorBootUs: 5_000_000, anchorEpochUs: 1_700_000_000_000_000 }),
    ]);
    expect(packets[0]).toMatchObject({
      sequenceFlags: 1,
      clockSnapshot: {
        primaryTraceClock: 6,
        clocks: [
          { clockId: 6, timestamp: 5_000_000_000 },
          { clockId: 1, timestamp: 1_700_000_000_000_000_000 },
        ],
      },
    });
  });

  test('names processes, and shows a victim from its mark to its exit', async () => {
    const process = sampleProcess({ pid: 4790, comm: 'vec\u202etor' });
    const step = { episodeUs: 1_000_000_000, tid: 4790, process };
    const trace = await perfettoOfEvents([
      sampleSession(),
      sampleVictim({ ...step, step: 'marked', tUs: 1_000_000_100 }),
      sampleVictim({ ...step, step: 'reaper-queued', tUs: 1_002_000_000 }),
      sampleVictim({ ...step, step: 'exited', tUs: 1_002_500_000 }),
    ]);
    expect(trace.descriptors).toContainEqual(
      expect.objectContaining({ process: { pid: 4790, processName: 'vec\\u{202e}tor' } }),
    );
    expect(trace.on('vec\\u{202e}tor').map(({ type, ns, name }) => [type, ns / 1000, name])).toEqual([
      [TYPE.begin, 1_000_000_100, 'OOM victim'],
      [TYPE.instant, 1_002_000_000, 'reaper-queued'],
      [TYPE.end, 1_002_500_000, undefined],
    ]);
  });

  test('counts what each cgroup had at a kill, and leaves out what is not known', async () => {
    const trace = await perfettoOfEvents([
      sampleSession(),
      sampleEpisode({
        episodeUs: 1_000_000_000,
        limitCgroup: sampleCgroup({ id: 1, path: '/pods', usageBytes: 0, maxBytes: 8192, swapBytes: null }),
        limitAncestors: [],
        triggerCgroup: null,
        victimCgroup: null,
      }),
    ]);
    const group = trace.descriptors.find(({ name }) => name === '/pods');
    const counters = trace.descriptors.filter(
      ({ parentUuid }) => parentUuid !== undefined && parentUuid === group?.uuid,
    );
    expect(counters.map(({ name, counter }) => [name, counter?.unit])).toEqual([
      ['usage of /pods', 3],
      ['max of /pods', 3],
    ]);
    expect(trace.on('usage of /pods')).toMatchObject([{ type: TYPE.counter, counterValue: 0, ns: 1e12 }]);
    expect(trace.on('max of /pods')).toMatchObject([{ counterValue: 8192 }]);
  });

  test('tells losses', async () => {
    const trace = await perfettoOfEvents([sampleSession(), sampleLoss({ count: 1200, where: 'ring-ballot' })]);
    expect(trace.on('lost').map(({ name }) => name)).toEqual(['1,200 lost: ring-ballot']);
  });

  test('of two boots puts the second where it was in the time of day', async () => {
    const first = sampleSession({ bootId: 'a', anchorBootUs: 0, anchorEpochUs: 1_700_000_000_000_000, tUs: 10 });
    const second = sampleSession({ bootId: 'b', anchorBootUs: 0, anchorEpochUs: 1_700_000_060_000_000, tUs: 10 });
    const hostname = first.hostname ?? '';
    const trace = await perfettoOf(
      { messages: messagesOf([first]), meta: { hostname, bootId: 'a', bootEpochUs: first.anchorEpochUs ?? 0 } },
      {
        messages: messagesOf([second, sampleEpisode({ episodeUs: 1_000, tUs: 1_100 })]),
        meta: { hostname, bootId: 'b', runId: 'b', bootEpochUs: second.anchorEpochUs ?? 0 },
      },
    );
    expect(trace.on('OOM killer')[0]?.ns).toBe(60_001_000_000);
    expect(trace.packets.filter(({ clockSnapshot }) => clockSnapshot !== undefined)).toHaveLength(1);
  });

  test('of a file that begins in the middle has the clock of the state, and none of its kills', async () => {
    const session = sampleSession({ tUs: 1 });
    const state = [session, sampleEpisode({ episodeUs: 50, tUs: 60 })];
    const trace = await perfettoOf({
      messages: [keyframeOf(state, 100, 9), ...messagesOf([sampleLoss({ tUs: 200 })], 9)],
    });
    expect(trace.packets[0]?.clockSnapshot).toBeDefined();
    expect(trace.on('kills')).toEqual([]);
    expect(trace.on('lost')).toHaveLength(1);
  });
});
