import { describe, expect, it } from 'vitest';
import { memoryCgroupPath, type ProcFiles, parseProcTask } from './proc-tasks.js';

const status = (extra: string) =>
  `Name:\tx\nUid:\t1000\t1000\t1000\t1000\nVmRSS:\t  30 kB\nRssAnon:\t  20 kB\nRssFile:\t  8 kB\nRssShmem:\t  4 kB\nVmPTE:\t  44 kB\nVmSwap:\t  12 kB\n${extra}`;
const stat = (comm: string, flags: number) => `42 (${comm}) S 1 42 42 0 -1 ${flags} 1 2 3 4 5 6 7 8 20 0 1 0 1234 5 6`;
const files = (over: Partial<ProcFiles> = {}): ProcFiles => ({
  stat: stat('a) b (c', 0x400000),
  status: status(''),
  adj: '-17\n',
  cgroup: '0::/pods/app\n',
  ...over,
});

describe('a process in /proc', () => {
  it('has the memory that the formula adds up, and a name that may hold parentheses', () => {
    expect(parseProcTask(42, files())).toEqual({
      ...{ pid: 42, tid: 42, uid: 1000, comm: 'a) b (c', startUs: 12_340_000, adj: -17 },
      ...{ cgroupId: null, cgroupPath: '/pods/app', status: 'scored', points: null },
      ...{
        rssBytes: null,
        rssAnonBytes: 20_480,
        rssFileBytes: 8_192,
        rssShmemBytes: 4_096,
        swapBytes: 12_288,
        pageTableBytes: 45_056,
      },
    });
  });

  it('is left out when it is a kernel thread or has ended meanwhile', () => {
    expect(parseProcTask(42, files({ stat: stat('kworker', 0x0020_8040) }))).toBeNull();
    expect(parseProcTask(42, files({ status: null }))).toBeNull();
  });

  it('is passed over as init, as unkillable, or without memory', () => {
    expect(parseProcTask(1, files())?.status).toBe('skipped-init');
    expect(parseProcTask(42, files({ adj: '-1000' }))?.status).toBe('skipped-adj-min');
    expect(parseProcTask(42, files({ status: 'Name:\tzombie\n' }))?.status).toBe('skipped-no-mm');
  });

  it('stands in the cgroup of the memory controller, whichever hierarchy that is', () => {
    expect(memoryCgroupPath('4:cpu,memory:/v1\n1:name=systemd:/other\n0::/v2\n')).toBe('/v1');
    expect(memoryCgroupPath('1:name=systemd:/other\n0::/v2\n')).toBe('/v2');
    expect(memoryCgroupPath('0::/with:colon\n')).toBe('/with:colon');
  });
});
