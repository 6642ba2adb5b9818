import { describe, expect, it } from 'vitest';
import { kibToLimit } from './amounts.js';
import { parseCpuset, parseInvoked, parseTaskIdentity } from './header-lines.js';
import { parseKilled, parseReaper } from './kill-lines.js';
import { parseCounter, parseOomGroup, parseStatistic, parseStats, parseTaskIn } from './memcg-lines.js';
import { parseNodeLine } from './node-lines.js';
import { parseSummary } from './summary-line.js';

describe('the beginning', () => {
  it('every kernel’s "invoked oom-killer" is read', () => {
    const forms = [
      'gfp_mask=0x201da, order=0, oom_score_adj=0',
      'gfp_mask=0xd0, order=0, oom_adj=0, oom_score_adj=0',
      'gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), order=0, oom_score_adj=0',
      'gfp_mask=0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=0-1,3, order=0, oom_score_adj=0',
      'gfp_mask=0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null),  order=0, oom_score_adj=0',
      'gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'gfp_mask=0x0(), order=0, oom_score_adj=0',
      'gfp_mask=0, order=0, oom_score_adj=0',
    ];
    for (const form of forms)
      expect(parseInvoked(`a b invoked oom-killer: ${form}`), form).toMatchObject({ comm: 'a b', order: 0 });
    expect(forms.map((form) => parseInvoked(`x invoked oom-killer: ${form}`)?.nodemask)).toEqual([
      ...[null, null, null, '0-1,3'],
      ...[null, null, null, null],
    ]);
  });

  it('the stack dump’s first line gives thread, user and release', () => {
    const release = (text: string) => parseTaskIdentity(text)?.kernelRelease;
    expect(release('CPU: 1 PID: 2 Comm: a Not tainted 5.4.0-42-generic #46-Ubuntu')).toBe('5.4.0-42-generic');
    expect(release('CPU: 1 PID: 2 Comm: a Tainted: G S      W  OE     6.6.1 #1')).toBe('6.6.1');
    expect(
      release('CPU: 2 PID: 11554 Comm: a Kdump: loaded Tainted: G          I    ------------ T 3.10.0-862.el7 #1'),
    ).toBe('3.10.0-862.el7');
    expect(parseTaskIdentity('Pid: 2376, comm: mal-80 Not tainted 3.7.0+ #4')).toEqual({
      tid: 2376,
      uid: null,
      comm: 'mal-80',
      kernelRelease: '3.7.0+',
    });
    expect(parseTaskIdentity('CPU: 0 UID: 65534 PID: 9 Comm: a b: c Not tainted 6.12.0 #1')).toMatchObject({
      uid: 65534,
      tid: 9,
      comm: 'a b: c',
    });
    expect(parseTaskIdentity('CPU: 0 UID: 65534')).toBeNull();
  });

  it('a cpuset’s name may hold blanks', () => {
    expect(parseCpuset('a b cpuset=c d mems_allowed=0-1,3')).toEqual({
      comm: 'a b',
      cpuset: 'c d',
      memsAllowed: '0-1,3',
    });
  });
});

describe('the limit', () => {
  it('"no limit" is every kernel’s greatest number', () => {
    const kib = ['9007199254740988', '9007199254740928', '9007199254740991', '18014398509481983', '8589934588'];
    expect(kib.map(kibToLimit)).toEqual(kib.map(() => 'max'));
    expect(kibToLimit('1048576')).toBe(2 ** 30);
    expect(kibToLimit('9999999999999')).toBeNull();
  });

  it('counters are read by their names', () => {
    expect(parseCounter('memory+swap: usage 4kB, limit 8kB, failcnt 18446744073709551615')).toEqual({
      name: 'memory+swap',
      counter: { usageBytes: 4096, limitBytes: 8192, failcnt: Number.MAX_SAFE_INTEGER },
    });
    expect(parseCounter('kmem.tcp: usage 4kB, limit 8kB, failcnt 1')).toBeNull();
  });

  it('statistics stand in the line or below it, whatever the path holds', () => {
    const inLine = parseStats('Memory cgroup stats for /a: b/c: cache:4KB rss:8KB inactive_anon:0KB ');
    expect(inLine?.linesFollow).toBe(false);
    expect(inLine?.stats.path).toBe('/a: b/c');
    expect([...(inLine?.stats.values ?? [])]).toEqual([
      ['cache', 4096],
      ['rss', 8192],
      ['inactive_anon', 0],
    ]);
    expect(parseStats('Memory cgroup stats for /a: b:')).toMatchObject({ linesFollow: true, stats: { path: '/a: b' } });
    expect(parseStatistic('workingset_refault_anon 25080')).toEqual({ name: 'workingset_refault_anon', value: 25080 });
    expect(parseStatistic('anon')).toBeNull();
  });

  it('the two cgroups of "Task in" come in one line or in two', () => {
    expect(parseTaskIn('Task in /a b killed as a result of limit of /a')).toEqual({
      victimCgroup: '/a b',
      limitCgroup: '/a',
    });
    expect(parseTaskIn('Task in /a b')).toEqual({ victimCgroup: '/a b', limitCgroup: null });
    expect(parseTaskIn('killed as a result of limit of /a')).toEqual({ victimCgroup: null, limitCgroup: '/a' });
  });

  it('a group is told though its path was lost', () => {
    expect(parseOomGroup('Tasks in /a b are going to be killed due to memory.oom.group set')).toBe('/a b');
    expect(parseOomGroup('are going to be killed due to memory.oom.group set')).toBeNull();
    expect(parseOomGroup('Tasks in /a')).toBeUndefined();
  });
});

describe('the machine', () => {
  it('RAM, swap and the page size are read', () => {
    expect(parseNodeLine('2078610 pages RAM')).toEqual({ kind: 'present-pages', pages: 2078610 });
    expect(parseNodeLine('56812 pages reserved')).toEqual({ kind: 'reserved-pages', pages: 56812 });
    expect(parseNodeLine('Free swap  = 84kB')).toEqual({ kind: 'swap-free', bytes: 84 * 1024 });
    expect(parseNodeLine('Node 0 DMA: 1*64kB (U) 0*128kB = 64kB')).toEqual({ kind: 'page-size', bytes: 65536 });
    expect(parseNodeLine('0 pages hwpoisoned')).toBeNull();
  });
});

describe('the summary', () => {
  it('is read from both ends: paths and names may hold its own words', () => {
    const line =
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0,2-3,cpuset=a,mems_allowed=b,mems_allowed=0,1,oom_memcg=/x,oom_memcg=/y,' +
      'task_memcg=/x,oom_memcg=/y/z,task=w,task=a, b,pid=7,uid=-2';
    expect(parseSummary(line)).toMatchObject({
      constraint: 'memcg',
      nodemask: '0,2-3',
      cpuset: 'a,mems_allowed=b',
      memsAllowed: '0,1',
      limitCgroup: '/x,oom_memcg=/y',
      victimCgroup: '/x,oom_memcg=/y/z,task=w',
      chosen: { comm: 'a, b', pid: 7, uid: 4294967294 },
    });
  });

  it('the first kernels that print it pad its numbers, and name no cpuset', () => {
    expect(
      parseSummary(
        'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),global_oom,task_memcg=/,task=x,pid=   12,uid=    0',
      ),
    ).toMatchObject({ constraint: 'none', nodemask: null, cpuset: null, scope: 'node', chosen: { pid: 12, uid: 0 } });
  });
});

describe('the end', () => {
  it('every kernel’s "Killed process" is read', () => {
    const amounts = 'total-vm:12kB, anon-rss:8kB, file-rss:4kB';
    expect(parseKilled(`Killed process 7 (a) ${amounts}`)).toMatchObject({
      pid: 7,
      scope: null,
      rssShmemBytes: null,
      adj: null,
    });
    expect(parseKilled(`Killed process 7, UID 679, (a) ${amounts}`)).toMatchObject({ pid: 7, comm: 'a', uid: 679 });
    expect(parseKilled(`Killed process 7 (a), UID 679, ${amounts}`)).toMatchObject({ pid: 7, comm: 'a', uid: 679 });
    expect(parseKilled(`Killed process 7 (a), UID 1) ${amounts}`)).toMatchObject({ comm: 'a), UID 1', uid: null });
    expect(parseKilled(`Out of memory: Killed process 7 (a) ${amounts}, shmem-rss:4kB`)).toMatchObject({
      scope: 'node',
      rssShmemBytes: 4096,
    });
    expect(
      parseKilled(
        `Memory cgroup out of memory: Killed process 7 (a) ${amounts}, shmem-rss:0kB, UID:5 pgtables:8kB oom_score_adj:-997`,
      ),
    ).toMatchObject({ scope: 'memcg', uid: 5, adj: -997, pageTableBytes: 8192, totalVmBytes: 12 * 1024 });
  });

  it('a name cannot pass itself off as the amounts behind it', () => {
    expect(parseKilled('Killed process 7 (x) total-vm:1kB) total-vm:12kB, anon-rss:8kB, file-rss:4kB')).toMatchObject({
      comm: 'x) total-vm:1kB',
      totalVmBytes: 12 * 1024,
    });
  });

  it('the first reaper’s line has no "now"', () => {
    expect(parseReaper('oom_reaper: reaped process 7 (a) anon-rss:0kB, file-rss:4kB, shmem-rss:0lB')).toMatchObject({
      pid: 7,
      reaped: true,
      rssFileBytes: 4096,
    });
  });
});
