import { describe, expect, it } from 'vitest';
import { importedEvents, onlyEpisode } from '../../test/support/imported-log.js';
import { KERNEL_LOGS, kernelLog, onlyReport, read } from '../../test/support/kernel-logs.js';
import { recomputeBallot } from './recompute.js';
import type { OomReport } from './report.js';

const KIB = 1024;

function reportOf(name: string): OomReport {
  return onlyReport(read(kernelLog(name)).reports);
}

/** A log of this name with its lines changed. */
function readText(name: string, change: (line: string) => string): OomReport {
  return onlyReport(read(kernelLog(name).map((record) => record.map(change))).reports);
}

/** The events that a log of this name becomes. */
const eventsOf = (name: string) => importedEvents(kernelLog(name).flat().join('\n'));

/** What each candidate would get, in the table's order. */
function pointsOf(report: OomReport): (number | null)[] {
  return recomputeBallot(report)?.candidates.map(({ points }) => points) ?? [];
}

/** Whom it killed, in the log's order. */
function killed(report: OomReport): string[] {
  return report.killed.map(({ pid, comm, why }) => `${pid} ${comm}: ${why}`);
}

describe('reports of every kernel family', () => {
  it('are whole, and the most points are the chosen one’s', () => {
    for (const name of KERNEL_LOGS) {
      const report = reportOf(name);
      expect(report.missing, name).toEqual([]);
      expect(report.trigger?.tid, name).toBeGreaterThan(0);
      expect(report.kernelRelease, name).toMatch(new RegExp(`^${name.split('-')[0]?.replace('.', '\\.')}\\.`));
      expect(recomputeBallot(report)?.doubts, name).not.toContain('choice-differs');
      expect(recomputeBallot(report)?.doubts, name).not.toContain('score-differs');
    }
  });

  it('3.10, cgroup v1: the victim’s cgroup is below the limit’s, a thread triggered and gave its name', () => {
    const report = reportOf('3.10-memcg');
    expect(report).toMatchObject({
      scope: 'memcg',
      constraint: 'memcg',
      trigger: { comm: 'java', tid: 4712, uid: null, adj: 0 },
      request: { gfpMask: 0xd0, gfpFlags: null, order: 0, nodemask: null },
      cpuset: '3f2a91d0c7b4',
      memsAllowed: '0-1',
      victimCgroup: '/docker/3f2a91d0c7b4/worker',
      limit: {
        path: '/docker/3f2a91d0c7b4',
        memory: { usageBytes: 524288 * KIB, limitBytes: 524288 * KIB, failcnt: 1893 },
        swap: null,
        memsw: { usageBytes: 524288 * KIB, limitBytes: 524288 * KIB, failcnt: 12 },
        kmem: { usageBytes: 0, limitBytes: 'max', failcnt: 0 },
      },
      choice: { pid: 4712, comm: 'java', score: 996 },
      pageSizeBytes: 4096,
      outcome: 'killed',
    });
    expect(report.limit?.stats.map(({ path, values }) => [path, values.get('rss')])).toEqual([
      ['/docker/3f2a91d0c7b4', 0],
      ['/docker/3f2a91d0c7b4/worker', 523084 * KIB],
    ]);
    expect(report.tasks?.rows[1]).toEqual({
      pid: 4701,
      tid: 4712,
      uid: 1000,
      comm: 'java',
      adj: 0,
      totalVmPages: 938115,
      rssPages: 130214,
      rssAnonPages: null,
      rssFilePages: null,
      rssShmemPages: null,
      swapPages: 0,
      pageTableBytes: null,
      pageTablePages: 421,
    });
    expect(report.killed[0]).toMatchObject({
      pid: 4712,
      uid: null,
      adj: null,
      rssAnonBytes: 519860 * KIB,
      rssFileBytes: 996 * KIB,
      rssShmemBytes: null,
      pageTableBytes: null,
    });
  });

  it('3.10, node-wide: RAM without what the kernel keeps, and swap, are what adj is scaled by', () => {
    const report = reportOf('3.10-node');
    expect(report).toMatchObject({ scope: 'node', constraint: null, limit: null, victimCgroup: null });
    expect(report.node).toMatchObject({ ramPages: 445340 - 10614, swapTotalBytes: 262140 * KIB, swapFreeBytes: 0 });
    expect(report.node?.pages.get('slab_unreclaimable')).toBe(1919);
    expect(report.node?.pages.get('free_cma')).toBe(0);
    expect(killed(report)).toEqual(['1601 Web Content: chosen', '1777 Web Content: shares-memory']);
    expect(recomputeBallot(report)).toMatchObject({
      totalPages: 445340 - 10614 + 65535,
      doubts: ['root-bonus-unknown'],
    });
  });

  it('3.16: "Task in" broken over two lines is one', () => {
    expect(reportOf('3.16-memcg-split')).toMatchObject({
      victimCgroup: '/jobs/7',
      limit: { path: '/jobs', memsw: { limitBytes: 'max' } },
    });
  });

  it('4.4: page tables of two levels are added up', () => {
    expect(reportOf('4.4-memcg').tasks?.rows[1]).toMatchObject({ pageTablePages: 366 + 7, pageTableBytes: null });
  });

  it('4.14: gfp flags have names, and the reaper tells what is left', () => {
    const report = reportOf('4.14-node');
    expect(report.request).toEqual({
      gfpMask: 0x14201ca,
      gfpFlags: 'GFP_HIGHUSER_MOVABLE|__GFP_COLD',
      order: 0,
      nodemask: null,
    });
    expect(report.trigger?.tid).toBe(2251);
    expect(report.reaped).toMatchObject([{ pid: 2244, comm: 'mysqld', reaped: true, rssAnonBytes: 0 }]);
  });

  it('4.19 and 5.15: a group is killed as a whole, its chosen one listed once', () => {
    const old = reportOf('4.19-memcg-group');
    expect(old).toMatchObject({ groupKill: true, groupCgroup: '/batch/job' });
    expect(killed(old)).toEqual(['911 worker: chosen', '901 sh: group', '912 helper: a (b): group']);
    const newer = reportOf('5.15-memcg-group');
    expect(newer.groupCgroup).toBe('/kubepods.slice/kubepods-burstable.slice/pod9.slice/cri-containerd-77aa.scope');
    expect(killed(newer)).toEqual(['23954 php-fpm: chosen', '23921 php-fpm: group']);
    expect(newer.limit).toMatchObject({ swap: { limitBytes: 0 }, memsw: null });
  });

  it('5.0: a cgroup’s shortage is one, though the line says CONSTRAINT_NONE', () => {
    expect(reportOf('5.0-memcg')).toMatchObject({
      scope: 'memcg',
      constraint: 'memcg',
      choice: { pid: 3410, uid: 1000, score: 985 },
    });
  });

  it('5.4: statistics on their own lines, and a reaper that gave up', () => {
    const report = reportOf('5.4-memcg-v1');
    expect(report.limit?.stats).toHaveLength(1);
    expect(report.limit?.stats[0]?.values.get('anon')).toBe(65470464);
    expect(report.limit?.stats[0]?.values.get('workingset_refault')).toBe(28017);
    expect(report.reaped).toMatchObject([{ pid: 7863, reaped: false, rssAnonBytes: null }]);
    expect(report.killed[0]).toMatchObject({ uid: 999, adj: -997, pageTableBytes: 212 * KIB });
    expect(recomputeBallot(report)?.doubts).toEqual(['machine-swap-unknown']);
  });

  it('5.10: a cpuset’s name may hold a comma, and its nodes’ size is not known', () => {
    const report = reportOf('5.10-cpuset');
    expect(report).toMatchObject({ scope: 'node', constraint: 'cpuset', cpuset: 'numa,1', memsAllowed: '1' });
    expect(recomputeBallot(report)?.doubts).toEqual(['nodes-unknown']);
  });

  it('6.1: sysrq-f has order −1', () => {
    expect(reportOf('6.1-sysrq')).toMatchObject({
      request: { order: -1 },
      trigger: { comm: 'kworker/0:1', tid: 17 },
      killed: [{ pid: 651, comm: 'unattended-upgr' }],
    });
  });

  it('6.6: the limit that was hit is an ancestor’s', () => {
    const report = reportOf('6.6-memcg-ancestor');
    expect(report.limit?.path).toBe('/kubepods.slice/kubepods-pod94.slice');
    expect(report.victimCgroup).toBe('/kubepods.slice/kubepods-pod94.slice/cri-containerd-46b3.scope');
    expect(report.limit?.stats[0]?.values.get('kernel')).toBe(34226176);
  });

  it('6.12 and 6.18: rss is split, the trigger’s uid known', () => {
    const row = reportOf('6.12-memcg').tasks?.rows[1];
    expect(row).toMatchObject({ rssPages: 477109, rssAnonPages: 448979, rssFilePages: 28130, rssShmemPages: 0 });
    expect(row).toMatchObject({ comm: 'next-build (v16', swapPages: 4065, pageTableBytes: 7561216 });
    expect(reportOf('6.12-memcg').trigger).toEqual({ comm: 'next-build (v16', tid: 3963701, uid: 1000, adj: 0 });
    const node = reportOf('6.18-node');
    expect(node.victimCgroup).toBe('/user.slice/user-1000.slice/user@1000.service/app.slice/app-chrome,task=2.scope');
    expect(node.tasks?.rows[3]).toMatchObject({ uid: 4294967294, comm: ' padded' });
    expect(node.node?.pages.get('sec_pagetables')).toBe(410);
  });

  it('RHEL 7: a uid behind the name, and a thread that was chosen is the process that died', () => {
    const node = reportOf('3.10-el7-node');
    expect(node).toMatchObject({
      scope: 'node',
      trigger: { comm: 'httpd', tid: 21333, adj: 0 },
      choice: { score: 402 },
    });
    expect(node.killed).toMatchObject([{ pid: 21333, comm: 'httpd', uid: 48, rssAnonBytes: 1641012 * KIB }]);
    expect(recomputeBallot(node)?.totalPages).toBe(1048446 - 76820 + 2097148 / 4);
    expect(pointsOf(node)).toEqual([122, 1, null, 511942, 601951]);
    // Kernels of that time choose among the threads of a cgroup, and print the table by process.
    const thread = reportOf('3.10-el7-thread');
    expect(thread).toMatchObject({ choice: { pid: 30251 }, killed: [{ pid: 30217 }], trigger: { tid: 30260 } });
    const { choice } = onlyEpisode(eventsOf('3.10-el7-thread'));
    expect(choice).toMatchObject({
      process: { pid: 30217, comm: 'java', uid: 0 },
      points: 118003 + 1502 + 138002 - 998 * 131,
    });
  });

  it('RHEL 8: nodemask with one blank, the cpuset on its own line, and a kill without page tables', () => {
    const report = reportOf('4.18-el8-node');
    expect(report).toMatchObject({
      scope: 'node',
      trigger: { comm: 'operator', tid: 70412, adj: 996 },
      cpuset: '/',
      victimCgroup: '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/crio-77.scope',
      killed: [{ pid: 70388, uid: 1001, adj: null, pageTableBytes: null }],
    });
    expect(recomputeBallot(report)?.totalPages).toBe(4194174 - 98211);
    expect(pointsOf(report)).toEqual([1, 902311 + 1796 + 996 * 4095, 700311 + 1552 + 2 * 4095]);
  });

  it('arm, 32 and 64 bits: one node without a name, memory for CMA', () => {
    expect(recomputeBallot(reportOf('6.1-arm64-node'))).toMatchObject({
      totalPages: 1012736 - 40820 + 102396 / 4,
      pageSizeBytes: 4096,
      doubts: [],
    });
    expect(reportOf('6.1-arm64-node').kernelRelease).toBe('6.1.21-v8+');
    const old = reportOf('4.4-arm32-node');
    expect(recomputeBallot(old)).toMatchObject({ totalPages: 242688 - 10427 + 102396 / 4, doubts: [] });
    expect(pointsOf(old)).toEqual([null, 190211 + 390 + 9000]);
  });

  it('ppc64le: pages of 64 KiB, told from the victim alone', () => {
    const report = reportOf('4.18-ppc64le-memcg');
    expect(report).toMatchObject({ pageSizeBytes: 65536, limit: { path: '/job', kmem: { limitBytes: 'max' } } });
    expect(recomputeBallot(report)?.totalPages).toBe(16384);
    expect(pointsOf(report)).toEqual([112 + 2, 16101 + 6]);
  });

  it('5.4, vm.oom_kill_allocating_task: who asked has died, without a selection', () => {
    const report = reportOf('5.4-allocating-task');
    expect(report).toMatchObject({ allocatingTask: true, scope: 'node', trigger: { tid: 1800 } });
    expect(killed(report)).toEqual(['1800 tail: chosen']);
    expect(onlyEpisode(eventsOf('5.4-allocating-task')).choice).toMatchObject({
      process: { pid: 1800 },
      how: 'allocating-task',
      points: null,
    });
  });

  it('6.8: of a mempolicy the pages of its nodes count', () => {
    const report = reportOf('6.8-mempolicy');
    expect(report).toMatchObject({ scope: 'node', constraint: 'memory-policy', request: { nodemask: '1' } });
    expect(recomputeBallot(report)).toMatchObject({ totalPages: 4194304 / 4, doubts: [] });
    // Another kernel counted otherwise; where a zone is missing in the log, nobody knows.
    const old = readText('6.8-mempolicy', (line) => line.replace('6.8.0-45', '5.4.0-45'));
    expect(recomputeBallot(old)).toMatchObject({ totalPages: 4194304 / 4, doubts: ['nodes-unknown'] });
    const cut = readText('6.8-mempolicy', (line) => line.replace(/^Node 1 Normal free.*/, ''));
    expect(recomputeBallot(cut)).toMatchObject({ totalPages: 3145598 - 61240, doubts: ['nodes-unknown'] });
  });

  it('5.10, cgroup v1: statistics below their heading, memory+swap above the limit', () => {
    const report = reportOf('5.10-v1-memcg');
    expect(report).toMatchObject({ limit: { path: '/ecs/77aa/88bb', memsw: { limitBytes: 2 ** 30 } } });
    expect(report.limit?.stats[0]?.values.get('anon')).toBe(530522112);
    expect(recomputeBallot(report)?.doubts).toEqual(['machine-swap-unknown']);
  });

  it('4.9: each path is a message of its own', () => {
    const report = reportOf('4.9-memcg-split');
    expect(report).toMatchObject({ scope: 'memcg', victimCgroup: '/docker/abc', limit: { path: '/docker/abc' } });
    expect(report.limit?.stats.map(({ path }) => path)).toEqual(['/docker/abc']);
  });

  it('4.14: seven digits of a pid, ten of a uid', () => {
    const report = reportOf('4.14-memcg-ancestor');
    expect(report.trigger).toEqual({ comm: 'x', tid: 4000001, uid: null, adj: 1000 });
    expect(report.tasks?.rows[1]).toMatchObject({ tid: 4000100, uid: 1000650000, comm: 'java', adj: 999 });
    expect(pointsOf(report)).toEqual([25500 + 123 + 1000 * 262, 225500 + 524 + 999 * 262]);
  });

  it('6.5: names and paths that look like something else', () => {
    const report = reportOf('6.5-memcg-names');
    expect(report.trigger).toMatchObject({ comm: '(sd-pam) [x]', tid: 900 });
    expect(report.limit?.path).toBe('/a b/c:d');
    expect(report.tasks?.rows.map(({ comm }) => comm)).toEqual(['(sd-pam) [x]', '1 2 3', '']);
    expect(report.killed[0]?.comm).toBe('(sd-pam) [x]');
  });

  it('a panic and "no killable processes" end a report without a kill', () => {
    expect(reportOf('3.10-panic')).toMatchObject({ outcome: 'panic', killed: [], choice: null });
    expect(reportOf('6.1-no-candidate')).toMatchObject({ outcome: 'no-candidate', killed: [], scope: 'memcg' });
  });
});
