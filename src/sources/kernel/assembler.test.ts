import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchOf,
  beginRecord,
  candidateRecord,
  cgroupRecord,
  choiceRecord,
  endRecord,
  exitRecord,
  PAGE_BYTES,
  reaperRecord,
  victimRecord,
} from '../../../test/support/kernel-records.js';
import { sampleLoss, sampleSession } from '../../../test/support/sample-events.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { OomscopeEvent } from '../../events/event.js';
import { RecordAssembler } from './assembler.js';
import { KnownCgroups } from './known-cgroups.js';

const assembler = () =>
  new RecordAssembler(
    { pageSizeBytes: PAGE_BYTES, attachMode: 'fentry', seesStalls: true },
    new KnownCgroups(() => {}),
  );
const topics = (events: readonly OomscopeEvent[]) =>
  events.map((event) => (event.topic === '/oom/victim' ? event.step : event.topic));
const episodes = (events: readonly OomscopeEvent[]) =>
  events.filter((event): event is EpisodeEvent => event.topic === '/oom/episode');

/** A whole kill of process `pid` in /lab/app by the limit of /lab. */
function kill(episodeUs: number, pid: number) {
  const at = (timeUs: number) => ({ episodeUs, timeUs: episodeUs + timeUs });
  const task = { tgid: pid, startUs: 70 + pid, cgroupId: 42, comm: 'hog' };
  return {
    kills: [
      beginRecord({ ...at(0), tgid: 900, cgroupId: 43, comm: 'stress', limitCgroupId: 7 }),
      cgroupRecord({ ...at(1), role: 'CGROUP_LIMIT', id: 7, names: ['lab'], usagePages: 100, maxPages: 100 }),
      cgroupRecord({ ...at(2), role: 'CGROUP_ANCESTOR', id: 1, level: 0, flags: ['CGROUP_IS_ROOT'] }),
      cgroupRecord({ ...at(3), role: 'CGROUP_TRIGGER', id: 43, names: ['other', 'lab'] }),
      choiceRecord({ ...at(10), ...task, points: 90 }),
      cgroupRecord({ ...at(11), role: 'CGROUP_VICTIM', id: 42, names: ['app', 'lab'] }),
      victimRecord({ ...at(12), ...task, anonPages: 90 }),
      endRecord({ ...at(20), seen: 2 }),
    ],
    ballot: [
      candidateRecord({ ...at(5), tgid: 900, cgroupId: 43, comm: 'stress', points: 5, anonPages: 5 }),
      candidateRecord({ ...at(6), ...task, points: 90, anonPages: 90 }),
    ],
  };
}

describe('episodes', () => {
  it('a kill in one batch is the mark and then its episode, whole', () => {
    const { kills, ballot } = kill(1_000, 812);
    const events = assembler().push(batchOf(...kills, ...ballot));
    expect(topics(events)).toEqual(['marked', '/oom/episode']);
    expect(events[0]).toMatchObject({
      tUs: 1_012,
      episodeUs: 1_000,
      tid: 812,
      process: { comm: 'hog', cgroupPath: '/lab/app' },
      sigkilled: true,
      chosen: true,
    });
    expect(events[1]).toMatchObject({
      tUs: 1_020,
      episodeUs: 1_000,
      durationUs: 20,
      attachMode: 'fentry',
      trigger: { pid: 900, cgroupPath: '/lab/other' },
      limitCgroup: { path: '/lab', maxBytes: 100 * PAGE_BYTES },
      limitAncestors: [{ path: '/' }],
      triggerCgroup: { path: '/lab/other' },
      victimCgroup: { path: '/lab/app' },
      constraint: 'memcg',
      outcome: 'killed',
      sysrq: false,
      totalPages: 25_600,
      choice: { choiceUs: 1_010, points: 90, process: { pid: 812, cgroupPath: '/lab/app' } },
      candidates: [
        { pid: 900, points: 5 },
        { pid: 812, points: 90, cgroupPath: '/lab/app' },
      ],
      candidatesSeen: 2,
      candidatesLost: 0,
      kernelThreadsSkipped: 5,
    });
  });

  it('candidates may come before their begin, and those of two episodes are told apart', () => {
    const first = kill(1_000, 1);
    const second = kill(2_000, 2);
    const box = assembler();
    // The ballot is drained after the kills: it can be ahead.
    expect(topics(box.push(batchOf(...first.kills, ...first.ballot, ...second.ballot)))).toEqual([
      'marked',
      '/oom/episode',
    ]);
    const [episode] = episodes(box.push(batchOf(...second.kills)));
    expect(episode?.candidates.map((candidate) => candidate.pid)).toEqual([900, 2]);
  });

  it('any cut of the stream into batches gives the same episodes', () => {
    const first = kill(1_000, 1);
    const second = kill(2_000, 2);
    // One of the orders that the addon guarantees: candidates before the end that closes over them.
    const stream = [
      ...first.kills.slice(0, -1),
      ...first.ballot,
      ...first.kills.slice(-1),
      ...second.ballot,
      ...second.kills,
    ];
    const whole = assembler().push(batchOf(...stream));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const box = assembler();
        const bounds = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const events = bounds.flatMap((from, i) => box.push(batchOf(...stream.slice(from, bounds[i + 1] ?? from))));
        expect(events).toEqual(whole);
      }),
    );
  });

  it('an episode whose end never came is told as unfinished when the next one begins', () => {
    const first = kill(1_000, 1);
    const second = kill(2_000, 2);
    const box = assembler();
    expect(topics(box.push(batchOf(...first.kills.slice(0, -1), ...first.ballot)))).toEqual(['marked']);
    const events = box.push(batchOf(...second.kills.slice(0, 1)));
    expect(events).toMatchObject([
      { topic: '/oom/episode', episodeUs: 1_000, outcome: 'unfinished', durationUs: 11, candidatesSeen: 2 },
    ]);
    expect(box.push(batchOf(...second.kills.slice(1), ...second.ballot)).map((event) => event.topic)).toEqual([
      '/oom/victim',
      '/oom/episode',
    ]);
  });

  it('at the end of the stream what is open is told as unfinished, once', () => {
    const box = assembler();
    box.push(batchOf(...kill(1_000, 1).kills.slice(0, 5)));
    expect(box.flush()).toMatchObject([{ topic: '/oom/episode', outcome: 'unfinished', choice: { points: 90 } }]);
    expect(box.flush()).toEqual([]);
  });

  it('a kill is told although the record of its beginning was refused', () => {
    const { kills, ballot } = kill(1_000, 1);
    const [episode] = episodes(assembler().push(batchOf(...kills.slice(4), ...ballot)));
    expect(episode).toMatchObject({ trigger: null, sysrq: null, order: null, limitCgroup: null, outcome: 'killed' });
    expect(episode?.choice?.process.pid).toBe(1);
  });

  it('a limit cgroup whose record was refused is still known by its id, and by its path if that was ever seen', () => {
    const without = (list: Uint8Array[]) => list.filter((_, index) => index !== 1);
    const box = assembler();
    const [unknown] = episodes(box.push(batchOf(...without(kill(1_000, 1).kills))));
    expect(unknown?.limitCgroup).toMatchObject({ id: 7, path: null, usageBytes: null });
    box.push(batchOf(...kill(2_000, 2).kills));
    const [known] = episodes(box.push(batchOf(...without(kill(3_000, 3).kills))));
    expect(known?.limitCgroup).toMatchObject({ id: 7, path: '/lab' });
  });

  it('ancestors get their names from the path below them', () => {
    const head = { episodeUs: 1_000 };
    const ancestor = (id: number, level: number) => cgroupRecord({ ...head, role: 'CGROUP_ANCESTOR', id, level });
    const push = (limit: Uint8Array) => {
      const records = [beginRecord(head), limit, ancestor(3, 2), ancestor(2, 1), ancestor(1, 0), endRecord(head)];
      return episodes(assembler().push(batchOf(...records)))[0]?.limitAncestors.map((cgroup) => cgroup.path);
    };
    const limit = { ...head, role: 'CGROUP_LIMIT', id: 4, level: 3 } as const;
    expect(push(cgroupRecord({ ...limit, names: ['c', 'b', 'a'] }))).toEqual(['/a/b', '/a', '/']);
    expect(push(cgroupRecord({ ...limit, names: ['c', 'b'], flags: ['CGROUP_PATH_TRUNCATED'] }))).toEqual([
      '…/b',
      null,
      '/',
    ]);
  });

  it('candidates that never arrived are lost, wherever that happened', () => {
    const { kills, ballot } = kill(1_000, 1);
    const end = endRecord({ episodeUs: 1_000, timeUs: 1_020, seen: 200, lost: 3 });
    const [episode] = episodes(assembler().push(batchOf(...kills.slice(0, -1), end, ...ballot)));
    expect(episode).toMatchObject({ candidatesSeen: 200, candidatesLost: 198 });
  });

  it('an episode of which only candidates came is a loss, not an episode', () => {
    const box = assembler();
    expect(box.push(batchOf(...kill(1_000, 1).ballot))).toEqual([]);
    const events = box.push(batchOf(...kill(2_000, 2).kills));
    expect(topics(events)).toEqual(['/loss', 'marked', '/oom/episode']);
    expect(events[0]).toMatchObject({ where: 'episode-unended', count: 1 });
  });

  it('records that come after their episode was told do not tell it again, and are counted', () => {
    const { kills, ballot } = kill(1_000, 1);
    const box = assembler();
    box.push(batchOf(...kills, ...ballot));
    expect(box.push(batchOf(...ballot))).toMatchObject([{ topic: '/loss', where: 'undecodable', count: 2 }]);
    expect(box.flush()).toEqual([]);
  });

  it('the nodes of a mask are told only where a mempolicy failed', () => {
    const nodes = (constraint: number) => {
      const head = { episodeUs: 1_000 };
      const events = assembler().push(
        batchOf(beginRecord({ ...head, nodes: [0, 2] }), endRecord({ ...head, constraint })),
      );
      return episodes(events)[0]?.nodemask;
    };
    expect(nodes(2)).toEqual([0, 2]);
    expect(nodes(1)).toBeNull();
  });

  it('an order of −1 is sysrq-f', () => {
    const head = { episodeUs: 1_000 };
    const events = assembler().push(
      batchOf(beginRecord({ ...head, order: -1 }), endRecord({ ...head, constraint: 0 })),
    );
    expect(events).toMatchObject([{ sysrq: true, order: -1, limitCgroup: null, constraint: 'none' }]);
  });

  it('an episode without end does not pile up for ever', () => {
    const box = assembler();
    let told = 0;
    for (let i = 0; i < 500; i++) told += box.push(batchOf(choiceRecord({ episodeUs: 1_000 + i, tgid: 1 }))).length;
    expect(told).toBeGreaterThanOrEqual(500 - 64);
  });
});

describe('victims', () => {
  it('every step carries the thread that was marked, and the reaper the process behind it', () => {
    const box = assembler();
    const task = { tgid: 50, tid: 57, startUs: 9, cgroupId: 42, comm: 'java' };
    const events = box.push(
      batchOf(
        victimRecord({ ...task, timeUs: 10, episodeUs: 5, anonPages: 4 }),
        exitRecord({ ...task, tid: 61, comm: 'worker', timeUs: 30, mmUsers: 1, filePages: 2 }),
        reaperRecord({ tid: 57, step: 'REAPER_STARTED', timeUs: 20 }),
      ),
    );
    expect(topics(events)).toEqual(['marked', 'reaper-started', 'exited']);
    expect(events).toMatchObject([
      { tid: 57, episodeUs: 5, memory: { rssAnonBytes: 4 * PAGE_BYTES } },
      { tid: 57, episodeUs: 5, process: { pid: 50, comm: 'java' }, memory: null, sigkilled: null },
      { tid: 57, episodeUs: 5, process: { tid: 61, comm: 'worker' }, memorySharedBy: 1, chosen: null },
    ]);
  });

  it('a pid that came round is not taken for the old victim', () => {
    const box = assembler();
    const events = box.push(
      batchOf(
        victimRecord({ tgid: 50, tid: 57, startUs: 9, timeUs: 10, episodeUs: 5 }),
        exitRecord({ tgid: 50, tid: 50, startUs: 600, timeUs: 700 }),
      ),
    );
    expect(events[1]).toMatchObject({ step: 'exited', tid: 50, episodeUs: null });
  });

  it('in tracepoint mode mark and exit share the thread, and nothing else is known', () => {
    const box = new RecordAssembler(
      { pageSizeBytes: PAGE_BYTES, attachMode: 'tracepoint', seesStalls: false },
      new KnownCgroups(() => {}),
    );
    const events = box.push(
      batchOf(
        victimRecord({ tgid: 0, tid: 57, timeUs: 10, flags: ['VICTIM_FROM_TRACEPOINT'] }),
        exitRecord({ tgid: 50, tid: 57, comm: 'java', timeUs: 30, mmUsers: -1 }),
      ),
    );
    expect(events).toMatchObject([
      { step: 'marked', process: null },
      { step: 'exited', tid: 57, process: { pid: 50, comm: 'java' }, memory: null, memorySharedBy: null },
    ]);
    expect(box.flush()).toEqual([]);
  });

  it('the memory of marks is bounded', () => {
    const box = assembler();
    for (let tid = 1; tid <= 5_000; tid++) box.push(victimRecord({ tgid: tid, timeUs: tid, comm: 'x' }));
    const steps = [1, 5_000].map((tid) => box.push(reaperRecord({ tid, step: 'REAPER_FINISHED', timeUs: 6_000 }))[0]);
    expect(steps).toMatchObject([{ process: null }, { process: { comm: 'x' } }]);
  });
});

describe('order', () => {
  it('time never goes backwards, whatever ring was read first', () => {
    const record = fc.oneof(
      fc.nat(100).map((timeUs) => reaperRecord({ tid: 1, step: 'REAPER_QUEUED', timeUs })),
      fc.nat(100).map((timeUs) => victimRecord({ tgid: 1, timeUs, episodeUs: 1 })),
      fc.nat(100).map((n) => endRecord({ episodeUs: 1 + n, timeUs: n + 20 })),
      fc.nat(100).map((n) => beginRecord({ episodeUs: 1 + n, timeUs: 1 + n })),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(record)), (batches) => {
        const box = assembler();
        const events = [...batches.flatMap((records) => box.push(batchOf(...records))), ...box.flush()];
        events.reduce((before, event) => {
          expect(event.tUs).toBeGreaterThanOrEqual(before);
          return event.tUs;
        }, 0);
      }),
    );
  });

  it('events from elsewhere take their place in the same order', () => {
    const box = assembler();
    const [session] = box.admit([sampleSession({ tUs: 500 })]);
    expect(session?.tUs).toBe(500);
    expect(box.push(reaperRecord({ tid: 1, step: 'REAPER_QUEUED', timeUs: 499 }))).toMatchObject([{ tUs: 500 }]);
    expect(box.admit([sampleLoss({ tUs: 20 })])).toMatchObject([{ tUs: 500 }]);
  });

  it('bytes that cannot be read are a loss in the stream', () => {
    const events = assembler().push(batchOf(reaperRecord({ tid: 1, step: 'REAPER_QUEUED' }), new Uint8Array(24)));
    expect(events).toMatchObject([{ topic: '/loss', where: 'undecodable', count: 24 }, { step: 'reaper-queued' }]);
  });
});
