import { describe, expect, it } from 'vitest';
import { importedEvents, importedParts, onlyEpisode, victimSteps } from '../../test/support/imported-log.js';
import { KERNEL_LOGS, kernelLog } from '../../test/support/kernel-logs.js';
import { CARRIERS } from '../../test/support/log-carriers.js';
import { FIRST_BOOT_US, FIRST_EPOCH_US, HOST } from '../../test/support/log-forms.js';
import type { SessionEvent } from '../events/session.js';
import { causeOf } from '../model/cause.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { judge } from '../model/verdict.js';
import { decodeEvent, encodeEvent } from '../wire/codec.js';

const DMESG = CARRIERS[0];
const plain = (name: string, change = (text: string) => text) => change(DMESG?.write(kernelLog(name)) ?? '');
const episodeOf = (name: string, change?: (text: string) => string) => onlyEpisode(importedEvents(plain(name, change)));

describe('every log in every form', () => {
  it.each(KERNEL_LOGS)('%s tells one episode, the same whatever carries it', (name) => {
    const facts = CARRIERS.map((form) => {
      const events = importedEvents(form.write(kernelLog(name)));
      expect(events[0]).toMatchObject({ topic: '/session', attachMode: 'log', hostname: form.host ? HOST : null });
      // A replay begins with what is known at its first moment: the kill must not be in that.
      expect(events[1]?.tUs).toBeGreaterThan(events[0]?.tUs ?? 0);
      expect(events.map(encodeEvent).map(decodeEvent)).toEqual(events);
      expect(events.map(({ tUs }) => tUs)).toEqual(events.map(({ tUs }) => tUs).sort((a, b) => a - b));
      const { tUs: _end, episodeUs: _begin, choice, approximations, ...rest } = onlyEpisode(events);
      return {
        ...rest,
        choice: choice && { ...choice, choiceUs: 0 },
        // What a form says of time differs; all else must not.
        approximations: approximations.filter((doubt) => !/^(?:time|year|zone)-/.test(doubt)),
        steps: victimSteps(events).map(({ tUs: _t, episodeUs: _e, ...step }) => step),
      };
    });
    for (const fact of facts) expect(fact).toEqual(facts[0]);
  });

  it.each(CARRIERS)('$name gives the time that it has, and no other', ({ write, bootUs, epochUs }) => {
    const events = importedEvents(write(kernelLog('6.12-memcg')));
    const session = events[0] as SessionEvent;
    const episode = onlyEpisode(events);
    expect(session.clock).toBe(bootUs !== null ? 'boot' : epochUs !== null ? 'date' : 'order');
    expect(episode.approximations.includes('time-unknown')).toBe(bootUs === null && epochUs === null);
    if (bootUs !== null) expect(episode.episodeUs).toBe(FIRST_BOOT_US);
    if (epochUs === null) expect(session.anchorEpochUs).toBeNull();
    else {
      const atUs = (session.anchorEpochUs ?? 0) + episode.episodeUs - session.anchorBootUs;
      expect(Math.abs(atUs - FIRST_EPOCH_US)).toBeLessThanOrEqual(epochUs);
    }
  });
});

describe('an episode from a log', () => {
  it('of a limit: whose, who asked, who was chosen, who else stood there', () => {
    const episode = episodeOf('6.12-memcg');
    const path = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-p3963628.scope';
    expect(episode).toMatchObject({
      attachMode: 'log',
      constraint: 'memcg',
      sysrq: false,
      outcome: 'killed',
      limitCgroup: { id: null, path, level: 5, oomGroup: null, swapIsMemsw: false },
      victimCgroup: { path },
      trigger: { comm: 'next-build (v16', tid: 3963701, pid: null },
      choice: { how: 'selected', process: { pid: 3963629, uid: 1000, adj: 0, startUs: null, cgroupPath: path } },
      candidatesLost: 0,
      durationUs: null,
    });
    expect(episode.candidates.map(({ pid, points, rssBytes }) => [pid, points, rssBytes])).toEqual([
      [3963628, 948, null],
      [3963629, 483_020, null],
    ]);
    expect(episode.approximations).toEqual(['points-recomputed', 'machine-swap-unknown']);
  });

  it('of a node before 6.8: resident memory as one sum, and the parts that the kill line has', () => {
    const events = importedEvents(plain('4.14-node'));
    const episode = onlyEpisode(events);
    expect(episode).toMatchObject({ constraint: 'none', limitCgroup: null, choice: { process: { pid: 2244 } } });
    const chosen = episode.candidates.find(({ pid }) => pid === 2244);
    expect(chosen).toMatchObject({ rssAnonBytes: null, rssFileBytes: null, rssShmemBytes: null });
    expect(chosen?.rssBytes).toBeGreaterThan(7 * 2 ** 30);
    expect(victimSteps(events).map(({ step, memory }) => [step, memory?.rssAnonBytes])).toEqual([
      ['marked', expect.any(Number)],
      ['reaper-finished', 0],
    ]);
  });

  it('of cgroup v1 has memory and swap in one, and says which hierarchy it is', () => {
    const events = importedEvents(plain('5.4-memcg-v1'));
    expect(onlyEpisode(events).limitCgroup).toMatchObject({ swapIsMemsw: true });
    expect(events[0]).toMatchObject({ cgroupVersion: 1 });
    expect(importedEvents(plain('6.12-memcg'))[0]).toMatchObject({ cgroupVersion: 2 });
  });

  it('of a group names who died with it', () => {
    const steps = victimSteps(importedEvents(plain('4.19-memcg-group')));
    expect(steps.filter(({ step }) => step === 'marked').map(({ chosen }) => chosen)).toEqual([true, false, false]);
  });

  it('of sysrq, of a panic and of nobody says so', () => {
    expect(episodeOf('6.1-sysrq')).toMatchObject({ sysrq: true, order: -1 });
    expect(episodeOf('3.10-panic')).toMatchObject({ outcome: 'panic', choice: null });
    expect(episodeOf('6.1-no-candidate')).toMatchObject({ outcome: 'no-candidate', choice: null });
  });

  it('that is cut names what is missing, whatever is left', () => {
    const withoutTable = (text: string) =>
      text
        .split('\n')
        .filter((line) => !/\] \[ *(?:\d+|pid) *\]|Tasks state/.test(line))
        .join('\n');
    expect(episodeOf('6.12-memcg', withoutTable)).toMatchObject({
      candidates: [],
      candidatesLost: null,
      choice: { points: null, process: { pid: 3963629 } },
      approximations: ['tasks-missing'],
    });
    const upTo = (mark: string) => (text: string) => text.slice(0, text.indexOf(mark));
    expect(episodeOf('6.12-memcg', upTo('oom-kill:'))).toMatchObject({ outcome: 'unfinished', choice: null });
    expect(causeOf(episodeOf('6.12-memcg', upTo('Call Trace:')))).toEqual({ kind: 'unknown' });
    const onlyKill = (text: string) => text.slice(text.lastIndexOf('\n', text.indexOf('Killed process')) + 1);
    expect(episodeOf('6.12-memcg', onlyKill)).toMatchObject({
      outcome: 'killed',
      trigger: null,
      constraint: 'memcg',
      choice: { process: { pid: 3963629, uid: 1000, adj: 0 } },
      approximations: ['header-missing', 'memory-missing', 'tasks-missing'],
    });
  });

  it('has no timeline, so nobody is blamed', () => {
    const model = applyEvents(initialModel, importedEvents(plain('6.6-memcg-ancestor')));
    const [incident] = model.incidents;
    if (incident === undefined) throw new Error('no incident');
    const verdict = judge({ incident, session: model.session, tracks: [], incidents: model.incidents });
    expect(verdict.culprit.kind).toBe('unknown');
    expect(verdict.culpritWords).toMatch(/unknown: .*no timeline/);
  });
});

describe('a child that died in the place of its parent', () => {
  it('is the victim, and the parent the choice', () => {
    const childDies = (text: string) =>
      text.replace('Killed process 4712 (java)', 'Killed process 4777 (jspawnhelper)');
    const events = importedEvents(plain('3.10-memcg', childDies));
    expect(onlyEpisode(events).choice?.process.pid).toBe(4701);
    expect(victimSteps(events)[0]).toMatchObject({ process: { pid: 4777, comm: 'jspawnhelper' }, chosen: null });
  });
});

describe('several reports', () => {
  const kill = (stamp: string, pid: number, host = 'web-1') =>
    `${stamp} ${host} kernel: Out of memory: Killed process ${pid} (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB`;
  const pids = (events: readonly { topic: string }[]) =>
    victimSteps(events as never).map(({ process }) => process?.pid);

  it('in the same second keep their order and their own names', () => {
    const log = [1, 2, 3].map((pid) => kill('2024-01-02T03:04:05+00:00', pid)).join('\n');
    const events = importedEvents(log);
    expect(pids(events)).toEqual([1, 2, 3]);
    expect(new Set(victimSteps(events).map(({ episodeUs }) => episodeUs)).size).toBe(3);
  });

  it('of several hosts are parts with a session each', () => {
    const log = [kill('2024-01-02T03:04:05+00:00', 1), kill('2024-01-02T03:04:06+00:00', 2, 'web-2')].join('\n');
    const { parts } = importedParts(`${log}\n${kill('2024-01-02T03:04:07+00:00', 3)}`);
    expect(parts.map((events) => [(events[0] as SessionEvent).hostname, pids(events)])).toEqual([
      ['web-1', [1, 3]],
      ['web-2', [2]],
    ]);
  });

  it('of more hosts than are held at once are all there', () => {
    const log = Array.from({ length: 200 }, (_, n) => kill('2024-01-02T03:04:05+00:00', n + 1, `h${n}`)).join('\n');
    const { parts } = importedParts(log);
    expect(parts.flatMap(pids).length).toBe(200);
  });

  it('of files in the wrong order keep their dates: what lies back begins a part', () => {
    const log = [kill('2024-01-09T00:00:00+00:00', 1), kill('2024-01-02T00:00:00+00:00', 2)].join('\n');
    const { parts } = importedParts(log);
    expect(parts.map((events) => (events[0] as SessionEvent).anchorEpochUs)).toEqual([
      Date.UTC(2024, 0, 9) * 1000,
      Date.UTC(2024, 0, 2) * 1000,
    ]);
  });

  it('whose reaper comes late stand in the order of time', () => {
    const log = [
      '[  10.000000] Out of memory: Killed process 1 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB',
      '[  10.200000] Out of memory: Killed process 2 (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB',
      '[  10.500000] oom_reaper: reaped process 1 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    ].join('\n');
    expect(victimSteps(importedEvents(log)).map(({ step, tid, tUs }) => [step, tid, tUs])).toEqual([
      ['marked', 1, 10_000_000],
      ['marked', 2, 10_200_000],
      ['reaper-finished', 1, 10_500_000],
    ]);
  });

  it('with dates that name no year or zone say what was assumed', () => {
    const { approximations } = onlyEpisode(importedEvents(kill('Jan  2 03:04:05', 1)));
    expect(approximations).toEqual(expect.arrayContaining(['year-assumed', 'zone-assumed']));
  });
});
