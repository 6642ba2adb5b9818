import { describe, expect, it } from 'vitest';
import { MIB, sampleCandidate, sampleCgroup } from '../../test/support/sample-events.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import { cgroupTotalPages, type RankInput, rankCgroup, rankNode } from './rank.js';

const PAGE = 4096;

const task = (pid: number, over: Partial<Candidate>) =>
  sampleCandidate({ pid, comm: `p${pid}`, rssFileBytes: 0, pageTableBytes: 0, points: null, ...over });
const cgroup = (path: string, id: number, over: Partial<CgroupMemory> = {}) =>
  sampleCgroup({
    path,
    id,
    level: path === '/' ? 0 : path.split('/').length - 1,
    maxBytes: 'max',
    swapMaxBytes: 0,
    ...over,
  });

const ROOT = cgroup('/', 1);
const PODS = cgroup('/pods', 2, { maxBytes: 1000 * MIB });
const APP = cgroup('/pods/app', 3, { oomGroup: true });
const SHIPPER = cgroup('/pods/shipper', 4);

function input(tasks: Candidate[], over: Partial<RankInput> = {}): RankInput {
  return {
    tasks,
    cgroups: [ROOT, PODS, APP, SHIPPER],
    pageSizeBytes: PAGE,
    ramBytes: 10_000 * MIB,
    swapTotalBytes: 0,
    swappiness: 60,
    ...over,
  };
}

describe('rank', () => {
  const app = task(10, { rssAnonBytes: 600 * MIB, adj: 0, cgroupPath: '/pods/app' });
  const shipper = task(11, { rssAnonBytes: 10 * MIB, adj: 900, cgroupPath: '/pods/shipper' });
  const outside = task(12, { rssAnonBytes: 9_500 * MIB, adj: 0, cgroupPath: '/system' });

  it('the same adj weighs ten times as much on the node as under a limit of a tenth of it', () => {
    const node = rankNode(input([app, shipper, outside]));
    const pods = rankCgroup(input([app, shipper, outside]), PODS);
    const points = (all: readonly Candidate[], pid: number) => all.find((each) => each.pid === pid)?.points;
    expect(points(node.candidates, 11)).toBe((10 * MIB) / PAGE + 900 * 2560);
    expect(points(pods?.candidates ?? [], 11)).toBe((10 * MIB) / PAGE + 900 * 256);
    expect(node.next).toMatchObject({ kind: 'victim', candidate: { pid: 12 } });
    expect(pods?.next).toMatchObject({ kind: 'victim', candidate: { pid: 11 } });
  });

  it('only who stands in the cgroup or below it is weighed, not in one whose name begins alike', () => {
    const alike = task(13, { rssAnonBytes: 900 * MIB, cgroupPath: '/pods-too' });
    expect(rankCgroup(input([app, alike]), PODS)?.candidates.map(({ pid }) => pid)).toEqual([10]);
  });

  it('a cgroup without a limit has no ranking', () => {
    expect(rankCgroup(input([app]), APP)).toBeNull();
  });

  it('of equals on the node the youngest dies, in a cgroup the one in the cgroup that was made last', () => {
    const older = task(20, { startUs: 5, cgroupPath: '/pods/shipper', rssAnonBytes: 8 * MIB });
    const younger = task(9, { startUs: 6, cgroupPath: '/pods/app', rssAnonBytes: 8 * MIB });
    expect(rankNode(input([older, younger])).next).toMatchObject({ candidate: { pid: 9 } });
    expect(rankCgroup(input([older, younger]), PODS)?.next).toMatchObject({ candidate: { pid: 20 } });
  });

  it('an earlier victim that is still dying means nobody new', () => {
    const dying = task(14, { status: 'dying', cgroupPath: '/pods/app' });
    expect(rankNode(input([app, dying])).next).toMatchObject({ kind: 'dying', candidate: { pid: 14 } });
  });

  it('a group dies together, and only one that lies within the limit', () => {
    const member = task(15, { rssAnonBytes: MIB, cgroupPath: '/pods/app' });
    expect(rankCgroup(input([app, member]), PODS)?.group).toEqual({ path: '/pods/app', processes: 2 });
    const above = input([app], {
      cgroups: [ROOT, { ...PODS, oomGroup: true }, { ...APP, oomGroup: false, maxBytes: MIB }],
    });
    expect(rankCgroup(above, { ...APP, oomGroup: false, maxBytes: MIB })?.group).toBeNull();
  });

  it('the scale of a cgroup counts the swap that it may use', () => {
    const host = { pageSizeBytes: PAGE, swapTotalBytes: 8 * MIB, swappiness: 60 };
    const pages = (over: Partial<CgroupMemory>, hostOver = {}) =>
      cgroupTotalPages(sampleCgroup({ maxBytes: 100 * MIB, ...over }), { ...host, ...hostOver });
    expect(pages({ swapMaxBytes: 0 })).toBe(25_600);
    expect(pages({ swapMaxBytes: 4 * MIB })).toBe(26_624);
    expect(pages({ swapMaxBytes: 'max' })).toBe(27_648);
    expect(pages({ swapMaxBytes: 'max' }, { swappiness: 0 })).toBe(25_600);
    expect(pages({ swapMaxBytes: null })).toBe(25_600);
    expect(pages({ swapMaxBytes: 104 * MIB, swapIsMemsw: true })).toBe(26_624);
    expect(pages({ maxBytes: 'max' })).toBeNull();
  });
});
