import { describe, expect, it } from 'vitest';
import {
  batchOf,
  cgroupRecord,
  killRecord,
  killStepRecord,
  PAGE_BYTES,
  victimRecord,
} from '../../../test/support/kernel-records.js';
import { RecordAssembler } from './assembler.js';
import { KnownCgroups } from './known-cgroups.js';

const assembler = () =>
  new RecordAssembler(
    { pageSizeBytes: PAGE_BYTES, attachMode: 'fentry', seesStalls: true },
    new KnownCgroups(() => {}),
  );

const sender = { tgid: 50, startUs: 5, cgroupId: 8, comm: 'earlyoom' };
const target = { tgid: 812, startUs: 7, cgroupId: 42, comm: 'hog', adj: 100 };
const paths = [
  cgroupRecord({ role: 'CGROUP_SENDER', id: 8, names: ['earlyoom.service', 'system.slice'] }),
  cgroupRecord({ role: 'CGROUP_TARGET', id: 42, names: ['app', 'pods'] }),
];

describe('a kill by user space', () => {
  it('tells who sent what to whom, started by whom, and from which cgroup', () => {
    const events = assembler().push(
      batchOf(
        ...paths,
        killRecord({
          timeUs: 2_000,
          sender,
          target: { ...target, anonPages: 10 },
          commandLine: '/usr/bin/earlyoom\0-m\0 5\0',
        }),
      ),
    );
    expect(events).toMatchObject([
      {
        ...{ topic: '/kill', tUs: 2_000, killUs: 2_000, step: 'sent', how: 'signal', signal: 'SIGKILL' },
        sender: {
          process: { pid: 50, comm: 'earlyoom', cgroupPath: '/system.slice/earlyoom.service' },
          commandLine: '/usr/bin/earlyoom -m  5',
          ...{ parentPid: 1, parentComm: 'init' },
        },
        target: { pid: 812, comm: 'hog', adj: 100, cgroupPath: '/pods/app' },
        memory: { rssAnonBytes: 10 * PAGE_BYTES },
        killedCgroup: null,
      },
    ]);
  });

  it('by cgroup.kill names the cgroup that was killed, which may lie above', () => {
    const killed = cgroupRecord({ role: 'CGROUP_KILLED', id: 41, names: ['pods'] });
    const record = killRecord({ sender, target, killedCgroupId: 41, how: 'KILL_CGROUP' });
    const exit = killStepRecord({ target, sentUs: 1_000, killedCgroupId: 41, how: 'KILL_CGROUP', step: 'KILL_EXITED' });
    expect(assembler().push(batchOf(...paths, killed, record, exit))).toMatchObject([
      { step: 'sent', how: 'cgroup-kill', killedCgroup: { id: 41, path: '/pods' } },
      { step: 'exited', how: 'cgroup-kill', killedCgroup: { id: 41, path: '/pods' } },
    ]);
  });

  it('is followed by the steps of its target, by its name', () => {
    const sent = { sentUs: 2_000, how: 'KILL_SIGNAL' } as const;
    const events = assembler().push(
      batchOf(
        ...paths,
        killStepRecord({ ...sent, timeUs: 2_100, target, step: 'KILL_DELIVERED', commandLine: 'hog\0--anon\0' }),
        killStepRecord({ ...sent, timeUs: 2_200, target, sender, step: 'KILL_RELEASED', commandLine: 'earlyoom\0' }),
        killStepRecord({ ...sent, timeUs: 2_300, target, step: 'KILL_EXITED', signal: 15 }),
      ),
    );
    expect(events).toMatchObject([
      { step: 'delivered', killUs: 2_000, commandLine: 'hog --anon', sender: null, memory: null },
      { step: 'memory-released', sender: { process: { pid: 50 }, commandLine: 'earlyoom' }, commandLine: null },
      { step: 'exited', signal: 'SIGTERM', commandLine: null, target: { cgroupPath: '/pods/app' } },
    ]);
  });

  it('with arguments that could not be read has no command line', () => {
    expect(assembler().push(batchOf(killRecord({ sender, target })))).toMatchObject([
      { sender: { commandLine: null } },
    ]);
  });

  it('of an unknown signal is no record of ours', () => {
    expect(assembler().push(batchOf(killRecord({ sender, target, signal: 2 })))).toMatchObject([
      { topic: '/loss', where: 'undecodable' },
    ]);
  });
});

describe('a victim of the OOM killer that takes its SIGKILL, in any of its threads', () => {
  it('is a step of that victim and tells its command line', () => {
    const events = assembler().push(
      batchOf(
        victimRecord({ episodeUs: 1_000, timeUs: 1_010, ...target, tid: 812 }),
        killStepRecord({
          ...{ episodeUs: 1_000, timeUs: 1_020, step: 'KILL_DELIVERED', commandLine: 'hog\0' },
          target: { ...target, tid: 815 },
        }),
      ),
    );
    expect(events).toMatchObject([
      { topic: '/oom/victim', step: 'marked', tid: 812 },
      {
        topic: '/oom/victim',
        step: 'delivered',
        tid: 812,
        episodeUs: 1_000,
        commandLine: 'hog',
        process: { pid: 812 },
      },
    ]);
  });

  it('may do so before it is marked: told with the mark, in the order of time, by the thread that is marked', () => {
    const [first, second] = [assembler(), assembler()];
    const taken = killStepRecord({
      ...{ episodeUs: 1_000, timeUs: 1_005, step: 'KILL_DELIVERED', commandLine: 'hog\0' },
      target: { ...target, tid: 815 },
    });
    const marked = victimRecord({ episodeUs: 1_000, timeUs: 1_010, ...target, tid: 812 });
    const story = [
      { step: 'delivered', tUs: 1_005, tid: 812, episodeUs: 1_000, commandLine: 'hog' },
      { step: 'marked', tUs: 1_010, tid: 812, episodeUs: 1_000 },
    ];
    expect(first.push(batchOf(taken, marked))).toMatchObject(story);
    expect(second.push(batchOf(taken))).toEqual([]);
    expect(second.push(batchOf(marked))).toMatchObject(story);
  });

  it('is no victim where it is never marked: it shares the memory of one', () => {
    const sharer = killStepRecord({ episodeUs: 1_000, timeUs: 1_005, step: 'KILL_DELIVERED', target });
    const other = victimRecord({ episodeUs: 1_000, timeUs: 1_010, ...target, tgid: 900, tid: 900 });
    const later = victimRecord({ episodeUs: 2_000, timeUs: 2_010, ...target, tid: 812 });
    expect(assembler().push(batchOf(sharer, other, later))).toMatchObject([{ step: 'marked' }, { step: 'marked' }]);
  });
});
