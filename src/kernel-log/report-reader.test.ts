import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS, kernelLog, onlyReport, read, readLines } from '../../test/support/kernel-logs.js';
import type { LogRecord } from '../../test/support/log-forms.js';
import { readLog } from './log-reader.js';
import type { OomReport } from './report.js';

const KILL = (pid: number, comm = 'app', scope = 'Out of memory') =>
  `${scope}: Killed process ${pid} (${comm}) total-vm:800kB, anon-rss:400kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0`;
const INVOKED = (comm: string) => `${comm} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`;

function lines(name: string): string[] {
  return kernelLog(name).flatMap((record: LogRecord) => [...record]);
}

/** The pid of the first process that each report killed. */
function victims(reports: readonly OomReport[]): (number | undefined)[] {
  return reports.map((report) => report.killed[0]?.pid);
}

/** Lines of two logs in turn, each with its caller's id before it. */
function interleaved(first: readonly string[], second: readonly string[]): string {
  const both = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => {
    const stamp = `[  100.${String(i).padStart(6, '0')}]`;
    return [
      ...(first[i] === undefined ? [] : [`${stamp}[ T4712] ${first[i]}`]),
      ...(second[i] === undefined ? [] : [`${stamp}[ T9981] ${second[i]}`]),
    ];
  });
  return both.flat().join('\n');
}

describe('several reports in a log', () => {
  it('stand one behind the other, in the order in which they begin', () => {
    const log = [...kernelLog('6.12-memcg'), ...kernelLog('6.18-node'), ...kernelLog('6.6-memcg-ancestor')];
    expect(victims(read(log, 'journalctl -k').reports)).toEqual([3963629, 9981, 40111]);
  });

  it('are kept apart by their callers when every line of one stands between two of the other', () => {
    const alone = ['5.15-memcg-group', '6.18-node'].map((name) => onlyReport(read(kernelLog(name)).reports));
    const { reports } = readLog(interleaved(lines('5.15-memcg-group'), lines('6.18-node')), ASSUMPTIONS);
    expect(reports).toHaveLength(2);
    for (const [i, report] of reports.entries()) {
      expect(report).toMatchObject({
        missing: [],
        tasks: alone[i]?.tasks,
        limit: alone[i]?.limit,
        node: alone[i]?.node,
        trigger: alone[i]?.trigger,
        victimCgroup: alone[i]?.victimCgroup,
      });
      expect(report.killed.map(({ pid, why }) => [pid, why])).toEqual(
        alone[i]?.killed.map(({ pid, why }) => [pid, why]),
      );
    }
  });

  it('without callers, a kill goes to the report whose table names the victim', () => {
    const first = lines('3.10-node');
    const second = lines('4.14-node');
    const cut = (all: readonly string[]) => all.findIndex((line) => line.startsWith('Out of memory'));
    const log = [
      ...first.slice(0, cut(first)),
      ...second.slice(0, cut(second)),
      ...first.slice(cut(first)),
      ...second.slice(cut(second)),
    ];
    expect(victims(readLines(...log).reports)).toEqual([1601, 2244]);
  });

  it('messages of others between their lines change nothing', () => {
    const noise = [
      'usb 1-1: new high-speed USB device',
      'CPU: 3 PID: 1 Comm: other Not tainted 9.9.9 #1',
      'anon 12',
      '[drm] x',
    ];
    for (const name of ['3.10-memcg', '6.1-sysrq', '6.12-memcg']) {
      const mixed = kernelLog(name).flatMap((record) => [record, ...noise.map((line) => [line])]);
      const { reports, summary } = read(mixed);
      const alone = onlyReport(read(kernelLog(name)).reports);
      expect(summary.problems).toBe(0);
      expect(onlyReport(reports)).toMatchObject({ missing: [], tasks: alone.tasks, trigger: alone.trigger });
      expect(onlyReport(reports).kernelRelease).toBe(alone.kernelRelease);
    }
  });

  it('of several machines and boots are told apart', () => {
    const from = (host: string, text: string) => `Jan  2 03:04:05 ${host} kernel: ${text}`;
    const { reports } = readLines(
      from('a', `[ 900.000000] ${INVOKED('one')}`),
      from('b', `[ 800.000000] ${INVOKED('two')}`),
      from('a', `[ 900.000001] ${KILL(1)}`),
      from('b', `[ 800.000001] ${KILL(2)}`),
      from('a', '[   0.000000] Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org) #1 SMP'),
      from('a', `[  10.000000] ${KILL(3)}`),
      from('b', `[   9.000000] ${KILL(4)}`),
    );
    expect(reports.map(({ host, boot, trigger, killed }) => [host, boot, trigger?.comm, killed[0]?.pid])).toEqual([
      ['a', 0, 'one', 1],
      ['b', 0, 'two', 2],
      ['a', 1, undefined, 3],
      ['b', 1, undefined, 4],
    ]);
    expect(reports[2]?.kernelRelease).toBe('6.1.0-28-amd64');
  });
});

describe('reports that are cut', () => {
  it('begin anywhere: what is left of them is read, the rest is missing', () => {
    const all = kernelLog('6.12-memcg');
    const missing: string[] = [];
    for (let from = 0; from < all.length; from++) {
      const { reports, summary } = read(all.slice(from));
      expect(summary.problems).toBe(0);
      expect(victims(reports)).toEqual([3963629]);
      missing.push(onlyReport(reports).missing.join(' '));
    }
    expect([...new Set(missing)]).toEqual(['', 'header', 'header memory', 'header memory tasks']);
  });

  it('end anywhere: what was read stays', () => {
    const all = kernelLog('6.12-memcg');
    for (let to = 1; to < all.length; to++) {
      const report = onlyReport(read(all.slice(0, to)).reports);
      expect(report.trigger?.comm).toBe('next-build (v16');
      expect(report.missing).toContain('kill');
      expect(report.outcome).toBe('unknown');
    }
  });

  it('a new report of the same thread ends the one it left open', () => {
    const { reports } = readLines(
      `[  1.000000][  T7] ${INVOKED('a')}`,
      '[  1.000001][  T7] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
      `[  2.000000][  T7] ${INVOKED('a')}`,
      `[  2.000001][  T7] ${KILL(9)}`,
    );
    expect(reports.map((report) => report.outcome)).toEqual(['unknown', 'killed']);
  });

  it('a table without its header is read by the number of its columns', () => {
    for (const name of ['3.10-memcg', '4.4-memcg', '5.15-memcg-group', '6.12-memcg']) {
      const whole = onlyReport(read(kernelLog(name)).reports);
      const headless = kernelLog(name).filter((record) => !/^\[ +pid/.test(record[0] ?? ''));
      const report = onlyReport(read(headless).reports);
      expect(report.tasks?.headerSeen).toBe(false);
      expect(report.tasks?.rows, name).toEqual(whole.tasks?.rows);
      expect(report.missing).toEqual(['tasks']);
    }
  });

  it('kills whose reports the rate limit left out are reports of a kill alone', () => {
    const { reports } = readLines(
      ...lines('6.12-memcg'),
      KILL(11, 'x', 'Memory cgroup out of memory'),
      'oom_kill_process: 12 callbacks suppressed',
      KILL(12, 'y', 'Memory cgroup out of memory'),
      'Out of memory: Kill process 13 (z) score 5 or sacrifice child',
      'Killed process 14 (child) total-vm:8kB, anon-rss:4kB, file-rss:0kB',
    );
    expect(victims(reports)).toEqual([3963629, 11, 12, 14]);
    expect(reports[1]).toMatchObject({ scope: 'memcg', missing: ['header', 'memory', 'tasks'], tasks: null });
    expect(reports[3]).toMatchObject({ scope: 'node', choice: { pid: 13, score: 5 } });
  });

  it('a summary line that other messages broke is put together', () => {
    const summary = 'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)';
    const { reports, summary: read } = readLines(
      `[  1.000000][  T7] ${summary}`,
      `[  1.000000][  T8] usb 1-1: gone`,
      '[  1.000000][  T7] ,cpuset=/,mems_allowed=0',
      '[  1.000000][  T7] ,oom_memcg=/a,task_memcg=',
      '[  1.000000][  T7] /a/b',
      '[  1.000000][  T7] ,task=x,pid=5,uid=7',
      `[  1.000000][  T7] ${KILL(5, 'x', 'Memory cgroup out of memory')}`,
    );
    expect(onlyReport(reports)).toMatchObject({
      limit: { path: '/a' },
      victimCgroup: '/a/b',
      cpuset: '/',
      choice: { pid: 5, uid: 7 },
      killed: [{ pid: 5 }],
    });
    expect(read.problems).toBe(0);
  });

  it('a summary line that is cut tells what stands before the cut, and is a problem', () => {
    const whole = kernelLog('6.6-memcg-ancestor');
    const cutAt = (word: string) =>
      whole.map((record) =>
        record.map((line) => (line.startsWith('oom-kill:') ? line.slice(0, line.indexOf(word)) : line)),
      );
    const cut = (word: string) => {
      const { reports, summary } = read(cutAt(word));
      expect(summary.firstProblems).toMatchObject([{ expected: 'the rest of the line, to ",pid=…,uid=…"' }]);
      const { constraint, memsAllowed, limit, victimCgroup, choice, killed } = onlyReport(reports);
      expect(killed).toMatchObject([{ pid: 40111 }]);
      expect(choice).toBeNull();
      return [constraint, memsAllowed, limit?.path, victimCgroup];
    };
    const limit = '/kubepods.slice/kubepods-pod94.slice';
    expect(cut(',pid=')).toEqual(['memcg', '0', limit, null]);
    expect(cut('/cri-containerd')).toEqual(['memcg', '0', limit, null]);
    expect(cut(',oom_memcg')).toEqual(['memcg', null, limit, null]);
    expect(cut(',cpuset')).toEqual(['memcg', null, limit, null]);
  });
});

describe('the end of a report', () => {
  it('the reaper is another thread, and comes late', () => {
    const { reports } = readLines(
      `[  1.000000][  T7] ${INVOKED('a')}`,
      `[  1.000001][  T7] ${KILL(9)}`,
      `[  2.000000][  T8] ${INVOKED('b')}`,
      `[  2.000001][  T8] ${KILL(10)}`,
      '[  3.000000][  T33] oom_reaper: reaped process 9 (app), now anon-rss:0kB, file-rss:4kB, shmem-rss:0kB',
    );
    expect(reports.map(({ reaped }) => reaped.length)).toEqual([1, 0]);
    expect(reports[0]?.reaped[0]).toMatchObject({ pid: 9, rssFileBytes: 4096, time: { bootUs: 3_000_000 } });
  });

  it('members that were exiting already are no reports of their own', () => {
    const { reports } = readLines(
      ...lines('5.15-memcg-group').slice(0, -1),
      'Memory cgroup out of memory: OOM victim 23999 (php-fpm) is already exiting. Skip killing the task',
    );
    expect(reports).toHaveLength(1);
  });

  it('a chosen process that was exiting already was not killed', () => {
    const { reports } = readLines(
      ...lines('6.12-memcg').slice(0, -1),
      'Memory cgroup out of memory: OOM victim 3963629 (next-build (v16) is already exiting. Skip killing the task',
    );
    expect(onlyReport(reports)).toMatchObject({ outcome: 'already-exiting', killed: [], choice: { pid: 3963629 } });
  });

  it('the panic behind "no killable processes" is the same report', () => {
    const { reports } = readLines(
      INVOKED('init'),
      'Out of memory and no killable processes...',
      'Kernel panic - not syncing: System is deadlocked on memory',
    );
    expect(onlyReport(reports).outcome).toBe('panic');
  });

  it('vm.oom_kill_allocating_task is told by the kill line', () => {
    expect(onlyReport(readLines(KILL(4, 'a', 'Out of memory (oom_kill_allocating_task)')).reports)).toMatchObject({
      allocatingTask: true,
      scope: 'node',
    });
  });
});
