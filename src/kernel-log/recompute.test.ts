import { describe, expect, it } from 'vitest';
import { kernelLog, onlyReport, read } from '../../test/support/kernel-logs.js';
import { type RecomputedBallot, recomputeBallot } from './recompute.js';

/** The ballot of a log, some of its lines changed. */
function ballotOf(name: string, change: (line: string) => string | null = (line) => line): RecomputedBallot {
  const records = kernelLog(name).map((record) => record.map(change).filter((line) => line !== null));
  const ballot = recomputeBallot(onlyReport(read(records.filter((record) => record.length > 0)).reports));
  if (ballot === null) throw new Error('no ballot');
  return ballot;
}

function points(ballot: RecomputedBallot): Record<string, number | null> {
  return Object.fromEntries(ballot.candidates.map((candidate) => [candidate.row.comm, candidate.points]));
}

const PAGES_2_GIB = 2 ** 31 / 4096;

describe('recomputed ballot', () => {
  it('adj weighs by the limit, page tables count in pages', () => {
    const ballot = ballotOf('6.6-memcg-ancestor');
    expect(ballot.totalPages).toBe(PAGES_2_GIB);
    expect(points(ballot)).toEqual({
      pause: 128 + 7 - 998 * 524,
      myapp: 505010 + 2216 + 280 * 524,
      vector: 11021 + 86 + 936 * 524,
    });
  });

  it('adj −1000 is passed over', () => {
    expect(points(ballotOf('3.10-node'))).toMatchObject({ 'systemd-udevd': null, sshd: null, 'Web Content': 432278 });
  });

  it('before 5.9 nobody had less than one point', () => {
    expect(points(ballotOf('5.4-memcg-v1'))).toMatchObject({ pause: 1 });
  });

  it('the score of an old kernel confirms it, or not', () => {
    expect(ballotOf('3.10-memcg').doubts).not.toContain('score-differs');
    expect(ballotOf('3.10-memcg', (line) => line.replace('score 996', 'score 498')).doubts).toContain('score-differs');
  });

  it('swap that the cgroup may use adds to what adj is scaled by, as much as the machine has', () => {
    const withSwap = (line: string) => line.replace('swap: usage 0kB, limit 0kB', 'swap: usage 0kB, limit 1048576kB');
    const unknown = ballotOf('5.15-memcg-group', withSwap);
    expect(unknown).toMatchObject({ totalPages: 65536, doubts: ['machine-swap-unknown'] });
    const boot = 'Adding 524288k swap on /dev/vda2.  Priority:-2 extents:1 across:524288k';
    const records = [[boot], ...kernelLog('5.15-memcg-group').map((record) => record.map(withSwap))];
    expect(recomputeBallot(onlyReport(read(records).reports))).toMatchObject({
      totalPages: 65536 + 131072,
      doubts: ['swappiness-unknown'],
    });
  });

  it('cgroup v1 limits memory and swap together: the difference is swap', () => {
    const boot = (kib: number) => [`Adding ${kib}k swap on /dev/vda2.  Priority:-2 extents:1 across:${kib}k`];
    const total = (kib: number) =>
      recomputeBallot(onlyReport(read([boot(kib), ...kernelLog('5.4-memcg-v1')]).reports))?.totalPages;
    // 64 MiB of memory, 128 MiB with swap.
    expect(total(4096)).toBe(16384 + 1024);
    expect(total(524288)).toBe(16384 + 16384);
  });

  it('without the limit’s lines, what adj added is not known', () => {
    const ballot = ballotOf('6.12-memcg', (line) => (line.startsWith('memory: ') ? null : line));
    expect(ballot).toMatchObject({ totalPages: null, doubts: ['memory-not-printed'] });
    expect(points(ballot)).toEqual({ sh: 902 + 31 + 15, 'next-build (v16': 477109 + 4065 + 1846 });
    expect(points(ballotOf('6.6-memcg-ancestor', (line) => (line.startsWith('memory: ') ? null : line)))).toEqual({
      pause: null,
      myapp: null,
      vector: null,
    });
  });

  it('another with more points, or a table that is cut, is a doubt', () => {
    expect(
      ballotOf('6.6-memcg-ancestor', (line) => line.replace('0           936 vector', '999999           936 vector'))
        .doubts,
    ).toContain('choice-differs');
    expect(ballotOf('6.12-memcg', (line) => (line.startsWith('[  pid') ? null : line)).doubts).toContain(
      'rows-missing',
    );
  });

  it('the page size is read off the kill line, else 4 KiB is assumed', () => {
    const big = ballotOf('6.12-memcg', (line) => line.replace('total-vm:22165088kB', `total-vm:${5541272 * 64}kB`));
    expect(big).toMatchObject({ pageSizeBytes: 65536, totalPages: 1843200 / 64 });
    expect(big.doubts).not.toContain('page-size-assumed');
    expect(ballotOf('6.12-memcg', (line) => (line.includes('Killed') ? null : line)).doubts).toContain(
      'page-size-assumed',
    );
  });

  it('a report without a table has no ballot', () => {
    const records = kernelLog('6.12-memcg').filter((record) => !record[0]?.startsWith('['));
    expect(recomputeBallot(onlyReport(read(records).reports))).toBeNull();
  });
});
