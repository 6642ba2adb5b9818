import { describe, expect, it } from 'vitest';
import {
  MIB,
  sampleCgroupLife,
  sampleCgroupSample,
  sampleMemorySample,
  sampleProcessRow,
  sampleProcessSample,
  sampleSession,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from './fold.js';
import { ranksNow } from './rank-now.js';
import { nextInWords, rankedPlace } from './rank-words.js';

const cgroup = (id: number, path: string) =>
  sampleCgroupLife({ id, path, change: 'present', level: path.split('/').length - 1 });
const row = (pid: number, cgroupId: number, anonMib: number, adj = 0) =>
  sampleProcessRow({
    pid,
    comm: `p${pid}`,
    cgroupId,
    adj,
    rssAnonBytes: anonMib * MIB,
    rssFileBytes: 0,
    pageTableBytes: 0,
  });
const ranks = (...events: OomscopeEvent[]) => ranksNow(applyEvents(initialModel, [sampleSession(), ...events]));

// Not in the order of the tree: they come as they are told.
const NAMES = [cgroup(4, '/pods/log'), cgroup(3, '/pods/app'), cgroup(2, '/pods'), cgroup(1, '/')];
const USAGE = sampleMemorySample({
  kind: 'full',
  cgroups: [sampleCgroupSample({ id: 2, usageBytes: 50 * MIB, maxBytes: 100 * MIB })],
});
const LIMIT = { id: 2, maxBytes: 100 * MIB, swapMaxBytes: 0, oomGroup: false };

describe('who dies next, of what was told', () => {
  it('is told of the node and of a limit apart: adj weighs by the size of each', () => {
    const told = sampleProcessSample({ processes: [row(10, 3, 60), row(11, 4, 5, 900)], cgroups: [LIMIT] });
    const now = ranks(...NAMES, USAGE, told);
    expect(now?.node.next).toMatchObject({ kind: 'victim', candidate: { pid: 11 } });
    expect(now?.cgroups.map(({ next }) => next)).toMatchObject([{ kind: 'victim', candidate: { pid: 11 } }]);
    const tame = sampleProcessSample({ processes: [row(10, 3, 60), row(11, 4, 5, 300)], cgroups: [LIMIT] });
    const later = ranks(...NAMES, USAGE, tame);
    expect(later?.node.next).toMatchObject({ candidate: { pid: 11 } });
    const [pods] = later?.cgroups ?? [];
    expect(pods?.next).toMatchObject({ candidate: { pid: 10 } });
    expect(pods && `${rankedPlace(pods)}: ${nextInWords(pods)}`).toBe(
      '/pods (limit of 100 MiB, 50 % used): p10 (pid 10) dies next, 6,580 points (25.7 MiB) ahead of p11 (pid 11)',
    );
  });

  it('leaves out a limit that the host has not ranked: its next victim may not be among the processes', () => {
    const now = ranks(
      ...NAMES,
      USAGE,
      sampleProcessSample({ processes: [row(10, 3, 60)], cgroups: [], limitsSeen: 1 }),
    );
    expect(now?.cgroups).toEqual([]);
    expect(now?.limitsNotRanked).toBe(1);
  });

  it('of equals in a limit names the one in the cgroup that was made last, as the kernel walks', () => {
    const told = sampleProcessSample({ processes: [row(11, 4, 9), row(10, 3, 9)], cgroups: [LIMIT] });
    expect(ranks(...NAMES, USAGE, told)?.cgroups[0]?.next).toMatchObject({ candidate: { pid: 11 } });
  });

  it('says that a whole group dies', () => {
    const cgroups = [LIMIT, { id: 3, maxBytes: 'max' as const, swapMaxBytes: 0, oomGroup: true }];
    const now = ranks(...NAMES, USAGE, sampleProcessSample({ processes: [row(10, 3, 60)], cgroups }));
    expect(now?.cgroups[0]?.group).toMatchObject({ path: '/pods/app' });
    expect(now?.node.group).toMatchObject({ path: '/pods/app' });
  });

  it('is not known before processes are told', () => {
    expect(ranks(...NAMES, USAGE)).toBeNull();
  });
});
