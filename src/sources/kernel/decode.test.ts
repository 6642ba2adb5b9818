import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchOf,
  beginRecord,
  candidateRecord,
  cgroupRecord,
  choiceRecord,
  endRecord,
  exitRecord,
  PAGE_BYTES,
  reaperRecord,
  victimRecord,
} from '../../../test/support/kernel-records.js';
import { decodeBatch } from './decode.js';

const decode = (...records: Uint8Array[]) => decodeBatch(batchOf(...records), PAGE_BYTES);
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
/** One record, or the test fails. */
const only = (bytes: Uint8Array) => {
  const { records, undecodableBytes } = decode(bytes);
  expect(undecodableBytes).toBe(0);
  expect(records).toHaveLength(1);
  return records[0];
};

describe('records as a C compiler lays them out', () => {
  // Written by a C program that includes bpf/events.h. All of episode 123456789000 µs, at 123456789012345 ns.
  const CANDIDATE =
    '030000008000000079df0d864870000040af0d86487000002c0300002d030000e8030000efffffffcf25dc0c170000002a00000010000000' +
    '686f67006a756e6b0000000000000000006400000000000000010000000000000c0000000000000007000000000000000020030000000000' +
    '98efffffffffffff0100000000000000';
  const VICTIM =
    '050000007800000079df0d864870000040af0d86487000002c0300002d03000000000000e803000001000000000000002a00000000000000' +
    '30313233343536373839616263646566010000000000000002000000000000000300000000000000040000000000000005000000000000000' +
    '300000000000000';
  const CGROUP =
    '020000007000000079df0d864870000040af0d86487000002a00000000000000010000004d00000003000000120000000064000000000000' +
    '0064000000000000ffffffffffff07000300000000000000ffffffffffff070061707000706f6431006b756265706f647300000000000000';
  const CHOICE =
    '040000006000000079df0d864870000040af0d86487000002c0300002d030000e8030000efffffffcf25dc0c170000002a00000010000000' +
    '686f67006a756e6b0000000000000000ffffffffffffff7f00640000000000000100000003000000';

  it('a candidate', () => {
    expect(only(fromHex(CANDIDATE))).toEqual({
      kind: 'candidate',
      tUs: 123456789012,
      episodeUs: 123456789000,
      candidate: {
        pid: 812,
        tid: 813,
        uid: 1000,
        comm: 'hog',
        startUs: 99000001,
        adj: -17,
        cgroupId: 0x10_0000_002a,
        cgroupPath: null,
        rssBytes: null,
        rssAnonBytes: 25600 * 4096,
        rssFileBytes: 256 * 4096,
        rssShmemBytes: 12 * 4096,
        swapBytes: 7 * 4096,
        pageTableBytes: 204800,
        status: 'scored',
        points: -4200,
      },
    });
  });

  it('a victim whose name fills all 16 bytes', () => {
    expect(only(fromHex(VICTIM))).toMatchObject({
      kind: 'victim',
      tid: 813,
      process: { comm: '0123456789abcdef', adj: 1000, startUs: 0 },
      memory: { rssAnonBytes: 4096, pageTableBytes: 5 },
      sigkilled: true,
      chosen: true,
    });
  });

  it('a cgroup with its path from the leaf outwards', () => {
    expect(only(fromHex(CGROUP))).toMatchObject({
      kind: 'cgroup',
      role: 'limit',
      cgroup: {
        id: 42,
        path: '/kubepods/pod1/app',
        pathTruncated: false,
        level: 3,
        usageBytes: 25600 * 4096,
        maxBytes: 25600 * 4096,
        highBytes: 'max',
        swapBytes: 3 * 4096,
        swapMaxBytes: 'max',
        oomGroup: true,
      },
    });
  });

  it('a choice of a task that asked to die first has no points', () => {
    expect(only(fromHex(CHOICE))).toMatchObject({
      kind: 'choice',
      choice: { how: 'selected', points: null, choiceUs: 123456789012 },
      totalPages: 25600,
      constraint: 'memcg',
    });
  });
});

describe('values that are no numbers', () => {
  it('LONG_MIN and LONG_MAX become a reason, not points', () => {
    expect(only(candidateRecord({ points: 'min', status: 'CANDIDATE_ADJ_MIN' }))).toMatchObject({
      candidate: { status: 'skipped-adj-min', points: null },
    });
    expect(only(candidateRecord({ points: 'max', status: 'CANDIDATE_OOM_ORIGIN' }))).toMatchObject({
      candidate: { status: 'oom-origin', points: null },
    });
    expect(only(choiceRecord({ points: 77, how: 'CHOICE_ALLOCATING_TASK' }))).toMatchObject({
      choice: { points: null },
    });
  });

  it('counters that were not read are null, and a limit that is none is max', () => {
    expect(only(cgroupRecord({ role: 'CGROUP_TRIGGER', id: 1, flags: ['CGROUP_IS_ROOT'] }))).toMatchObject({
      role: 'trigger',
      cgroup: { path: '/', usageBytes: null, maxBytes: null, swapMaxBytes: null },
    });
    const flags = ['CGROUP_HAS_MEMORY', 'CGROUP_MAX_UNLIMITED'] as const;
    expect(only(cgroupRecord({ role: 'CGROUP_VICTIM', id: 9, flags, usagePages: 2 }))).toMatchObject({
      cgroup: { path: null, usageBytes: 8192, maxBytes: 'max', highBytes: 0 },
    });
  });

  it('a path that is too long shows that its outermost parts are missing', () => {
    const flags = ['CGROUP_PATH_TRUNCATED'] as const;
    expect(only(cgroupRecord({ role: 'CGROUP_LIMIT', id: 9, flags, names: ['leaf', 'above'] }))).toMatchObject({
      cgroup: { path: '…/above/leaf', pathTruncated: true },
    });
  });

  it('an episode that ended before the selection has no totalpages and no constraint', () => {
    expect(only(endRecord({ outcome: 'EPISODE_DECLINED', totalPages: 0, constraint: 0 }))).toMatchObject({
      outcome: 'declined',
      totalPages: null,
      constraint: null,
    });
  });

  it('a victim has a number of its own in its container, or none that was seen', () => {
    expect(only(victimRecord({ tgid: 812, containerPid: 7 }))).toMatchObject({
      process: { pid: 812 },
      containerPid: 7,
    });
    expect(only(victimRecord({ tgid: 812 }))).toMatchObject({ containerPid: null });
  });

  it('the plain tracepoint says what it knows and no more', () => {
    const flags = ['VICTIM_FROM_TRACEPOINT'] as const;
    expect(only(victimRecord({ tgid: 0, tid: 7, flags }))).toMatchObject({ tid: 7, process: null, memory: null });
    expect(only(victimRecord({ tgid: 0, tid: 7, comm: 'hog', anonPages: 3, flags }))).toMatchObject({
      process: { pid: 7, tid: 7, comm: 'hog', startUs: null, cgroupId: null },
      memory: { rssAnonBytes: 3 * 4096 },
      sigkilled: null,
      chosen: null,
    });
    // The BTF tracepoint has the whole task, which may have no name.
    expect(only(victimRecord({ tgid: 6, tid: 7, startUs: 5, cgroupId: 42, flags }))).toMatchObject({
      process: { pid: 6, tid: 7, comm: '', startUs: 5, cgroupId: 42 },
      sigkilled: null,
    });
    expect(only(exitRecord({ tgid: 7, mmUsers: -1 }))).toMatchObject({ memory: null, memorySharedBy: null });
  });

  it('the order of sysrq-f is −1, and nodes of a mask are listed', () => {
    expect(only(beginRecord({ order: -1, nodes: [0, 31, 32, 63, 64, 1023] }))).toMatchObject({
      order: -1,
      nodemask: [0, 31, 32, 63, 64, 1023],
    });
    expect(only(beginRecord({}))).toMatchObject({ nodemask: null, limitCgroupId: null, episodeUs: null });
  });

  it('bytes that are not UTF-8 read as U+FFFD', () => {
    expect(only(reaperRecord({ tid: 3, step: 'REAPER_SKIPPED' }))).toMatchObject({ step: 'reaper-skipped' });
    expect(only(candidateRecord({ comm: Uint8Array.of(0x61, 0xff, 0x62) }))).toMatchObject({
      candidate: { comm: 'a\ufffdb' },
    });
    // 15 bytes can cut a character in two.
    expect(only(candidateRecord({ comm: Uint8Array.of(0xef, 0xbb, 0xbf, 0xe6, 0x97) }))).toMatchObject({
      candidate: { comm: '\ufeff\ufffd' },
    });
  });

  it('a time is exact to the µs for 285 years of uptime', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1000n * 2n ** 53n - 1n }), (ns) => {
        const bytes = reaperRecord({ tid: 1, step: 'REAPER_QUEUED' });
        new DataView(bytes.buffer).setBigUint64(8, ns, true);
        expect(only(bytes)?.tUs).toBe(Number(ns / 1000n));
      }),
    );
  });
});

describe('bytes that are no records', () => {
  const good = reaperRecord({ tid: 1, step: 'REAPER_QUEUED' });
  const broken = (change: (view: DataView) => void) => {
    const bytes = Uint8Array.from(good);
    change(new DataView(bytes.buffer));
    return bytes;
  };

  it('a record of an unknown kind or value is skipped and counted, the next one is read', () => {
    for (const bytes of [
      broken((view) => view.setUint32(0, 99, true)),
      broken((view) => view.setUint32(28, 99, true)),
      broken((view) => view.setUint32(0, 3, true)),
    ]) {
      expect(decode(bytes, good)).toMatchObject({ undecodableBytes: 32, records: [{ kind: 'reaper' }] });
    }
  });

  it('a length that cannot be true ends the batch, all of the rest counted', () => {
    for (const size of [0, 8, 31, 33, 72, 0xffff_fff8]) {
      const bytes = broken((view) => view.setUint32(4, size, true));
      expect(decode(good, bytes, good)).toMatchObject({ undecodableBytes: 64, records: [{ kind: 'reaper' }] });
    }
    expect(decode(good, good.subarray(0, 20))).toMatchObject({ undecodableBytes: 20 });
  });

  it('a length that is no multiple of 8 ends the batch, though the record would fit', () => {
    const bytes = cgroupRecord({ role: 'CGROUP_LIMIT', id: 1, names: ['abc'] });
    new DataView(bytes.buffer).setUint32(4, 92, true);
    expect(decode(bytes)).toMatchObject({ records: [], undecodableBytes: bytes.length });
  });

  it('a path that claims more bytes than the record has is refused', () => {
    const bytes = cgroupRecord({ role: 'CGROUP_LIMIT', id: 1, names: ['a'] });
    new DataView(bytes.buffer).setUint32(44, 9, true);
    expect(decode(bytes)).toMatchObject({ records: [], undecodableBytes: bytes.length });
  });

  it('no bytes make it throw, and every byte is either read or counted', () => {
    const records = [good, victimRecord({ tgid: 1 }), cgroupRecord({ role: 'CGROUP_LIMIT', id: 4, names: ['a', 'b'] })];
    const mangled = fc
      .tuple(fc.shuffledSubarray([...records, ...records]), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }))
      .map(([list, changes]) => {
        const bytes = batchOf(...list);
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        // A view that does not begin where its buffer does.
        const shifted = new Uint8Array(bytes.length + 3).subarray(3);
        shifted.set(bytes);
        const { records, undecodableBytes } = decodeBatch(shifted, PAGE_BYTES);
        expect(undecodableBytes).toBeLessThanOrEqual(bytes.length);
        if (records.length === 0) expect(undecodableBytes).toBe(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
