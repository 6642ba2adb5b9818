import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleMemorySample,
  sampleMemoryStat,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { AFTER_KILL_US, aroundKill } from './around-kill.js';
import { culpritOf } from './culprit.js';
import { applyEvents, initialModel } from './fold.js';
import type { Incident } from './model.js';
import { SeriesStore } from './series/series.js';

const S = 1_000_000;
const KILL_US = 100 * S;

const victim = sampleCandidate({ cgroupPath: '/pods/app', rssAnonBytes: 10 * MIB });
const episode = sampleEpisode({
  ...{ tUs: KILL_US + 5, episodeUs: KILL_US, candidates: [victim], choice: sampleChoice(victim) },
  ...{ triggerCgroup: null, victimCgroup: null, limitCgroup: sampleCgroup({ id: 1, path: '/pods', level: 1 }) },
});

function incidentOf(over: Partial<typeof episode> = {}): Incident {
  return { id: String(KILL_US), startUs: KILL_US, episode: { ...episode, ...over }, victims: [] };
}

function around(events: readonly OomscopeEvent[], incident = incidentOf()) {
  const series = new SeriesStore();
  for (const event of events) series.apply(event);
  return aroundKill(series, applyEvents(initialModel, events).memory, incident);
}

const there = (id: number, path: string) => sampleCgroupLife({ tUs: S, id, path, level: 2 });
const usage = (second: number, id: number, mib: number) =>
  sampleMemorySample({
    ...{ tUs: second * S, kind: 'delta' },
    cgroups: [sampleCgroupSample({ id, usageBytes: mib * MIB })],
  });
const stat = (second: number, id: number, mib: number) =>
  sampleMemoryStat({ tUs: second * S, cgroups: [sampleCgroupStat({ id, anonBytes: mib * MIB })] });
const grew = (id: number, from: number, to: number, untilSecond: number) => [
  ...[usage(untilSecond - 5, id, from), stat(untilSecond - 5, id, from)],
  ...[usage(untilSecond, id, to), stat(untilSecond, id, to)],
];

describe('around a kill', () => {
  it('are the cgroups within what was short, before it and in its aftermath', () => {
    const events = [
      ...[there(1, '/pods'), there(2, '/pods/app'), there(3, '/pods-of-others')],
      ...[stat(95, 2, 40), stat(95, 3, 40), stat(104, 2, 1)],
      stat((KILL_US + AFTER_KILL_US) / S + 1, 2, 2),
    ];
    const { tracks } = around(events);
    expect(tracks.map(({ path, points }) => [path, points.map(({ tUs }) => tUs / S)])).toEqual([
      ['/pods/app', [95, 104]],
    ]);
    const nodeWide = around(events, incidentOf({ limitCgroup: null, constraint: 'none' }));
    expect(nodeWide.tracks.map(({ path }) => path).sort()).toEqual(['/pods-of-others', '/pods/app']);
  });

  it('the usage that the kernel had at the kill is the last point before it', () => {
    const limitCgroup = sampleCgroup({ id: 2, path: '/pods/app', usageBytes: 64 * MIB });
    const { tracks } = around([there(2, '/pods/app'), usage(99, 2, 50)], incidentOf({ limitCgroup }));
    expect(tracks[0]?.points.map(({ tUs, usageBytes }) => [tUs / S, (usageBytes ?? 0) / MIB])).toEqual([
      [99, 50],
      [100, 64],
    ]);
  });

  it('a cgroup that vanished before the kill had given back what it grew by, and is not blamed', () => {
    const events = [
      ...[there(2, '/pods/batch'), there(3, '/pods/app')],
      ...[...grew(2, 10, 900, 90), sampleCgroupLife({ tUs: 91 * S, id: 2, path: null, change: 'vanished' })],
      ...grew(3, 10, 60, 99),
    ];
    expect(culpritOf(episode, around(events).tracks)).toMatchObject({ kind: 'cgroup', growth: { path: '/pods/app' } });
  });

  it('a cgroup that vanished with the kill is still there to be blamed', () => {
    const gone = sampleCgroupLife({ tUs: KILL_US + S, id: 3, path: null, change: 'vanished' });
    const { tracks } = around([there(3, '/pods/app'), ...grew(3, 10, 60, 99), gone]);
    expect(culpritOf(episode, tracks)).toMatchObject({ kind: 'cgroup', growth: { path: '/pods/app' } });
  });

  const life = (second: number, id: number, change: 'appeared' | 'vanished') =>
    sampleCgroupLife({ tUs: second * S, id, path: '/pods/app', level: 2, change });

  it('a cgroup that came just before, full at the first look, grew from nothing, though it has gone since with its name taken before', () => {
    const limitCgroup = sampleCgroup({ id: 3, path: '/pods/app', usageBytes: 64 * MIB });
    const incident = incidentOf({ limitCgroup });
    const { tracks } = around(
      [
        ...[life(90, 2, 'appeared'), ...grew(2, 10, 64, 97), life(98, 2, 'vanished')],
        ...[life(99.6, 3, 'appeared'), usage(99.9, 3, 64), stat(99.9, 3, 64), life(101, 3, 'vanished')],
      ],
      incident,
    );
    expect(culpritOf({ ...episode, limitCgroup }, tracks)).toMatchObject({
      kind: 'cgroup',
      // With 8 MiB of the kernel's own.
      growth: { id: 3, fromUs: 99.6 * S, toUs: KILL_US, unreclaimableBytes: 72 * MIB, kind: 'anon' },
    });
  });

  it('a cgroup that was killed before anybody looked is known by its birth and by the kill', () => {
    const limitCgroup = sampleCgroup({ id: 3, path: '/pods/app', usageBytes: 12 * MIB, maxBytes: 12 * MIB });
    const { tracks } = around([life(99.6, 3, 'appeared'), life(101, 3, 'vanished')], incidentOf({ limitCgroup }));
    expect(tracks.map(({ points }) => points.map(({ tUs, usageBytes }) => [tUs / S, usageBytes]))).toEqual([
      [
        [99.6, 0],
        [100, 12 * MIB],
      ],
    ]);
    expect(culpritOf({ ...episode, limitCgroup }, tracks)).toMatchObject({
      ...{ kind: 'cgroup', isVictim: true, process: { pid: victim.pid }, growth: { unreclaimableBytes: 10 * MIB } },
    });
  });

  it('a cgroup that came long before began with what it was first seen with', () => {
    const limitCgroup = sampleCgroup({ id: 3, path: '/pods/app', usageBytes: 64 * MIB });
    const { tracks } = around([life(90, 3, 'appeared'), ...grew(3, 64, 64, 99)], incidentOf({ limitCgroup }));
    expect(culpritOf({ ...episode, limitCgroup }, tracks).kind).toBe('nobody');
  });

  it('what took the name after the kill is none of them', () => {
    const events = [life(90, 3, 'appeared'), ...grew(3, 10, 60, 99), life(101, 3, 'vanished')];
    const next = [life(102, 4, 'appeared'), ...grew(4, 10, 60, 108)];
    expect(around([...events, ...next]).tracks.map(({ id }) => id)).toEqual([3]);
  });

  it('of a kill without its episode nothing is told', () => {
    const lone: Incident = { id: '1', startUs: KILL_US, episode: null, victims: [] };
    expect(around([there(3, '/pods/app'), ...grew(3, 10, 60, 99)], lone).tracks).toEqual([]);
  });
});
