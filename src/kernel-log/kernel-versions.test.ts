import { describe, expect, it } from 'vitest';
import { KERNEL_LOGS, kernelLog, onlyReport, read } from '../../test/support/kernel-logs.js';
import { recomputeBallot } from './recompute.js';
import type { OomReport } from './report.js';

const KIB = 1024;

function reportOf(name: string): OomReport {
  return onlyReport(read(kernelLog(name)).reports);
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

  it('a panic and "no killable processes" end a report without a kill', () => {
    expect(reportOf('3.10-panic')).toMatchObject({ outcome: 'panic', killed: [], choice: null });
    expect(reportOf('6.1-no-candidate')).toMatchObject({ outcome: 'no-candidate', killed: [], scope: 'memcg' });
  });
});
